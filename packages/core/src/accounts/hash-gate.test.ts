import { expect, test } from 'vitest'
import { createHashGate } from './hash-gate.ts'

test('never more than so many run at once, all that wait get their turn in order, and one too many is refused', async () => {
  const gate = createHashGate(2, 3)
  const started: number[] = []
  const holds = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const all = holds.map(({ promise }, index) =>
    gate(async () => {
      started.push(index)
      await promise
    }),
  )
  await expect(gate(async () => undefined)).rejects.toMatchObject({ code: 'OVERLOADED' })
  expect(started).toEqual([0, 1])
  for (const [index, hold] of holds.entries()) {
    hold.resolve()
    await all[index]
    expect(started.length).toBeLessThanOrEqual(index + 3)
  }
  expect(started).toEqual([0, 1, 2, 3, 4])
})

test('work that fails gives its place back', async () => {
  const gate = createHashGate(1, 1)
  await expect(gate(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(gate(async () => 'yes')).resolves.toBe('yes')
})
