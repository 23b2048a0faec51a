import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PoolTimeoutError } from './errors.ts'
import { createGate } from './gate.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('at most so many are inside, and the others follow in the order in which they came', async () => {
  const gate = createGate(2, 1000, 'seat')
  const leave = [await gate.enter(), await gate.enter()]
  const order: string[] = []
  const later = ['c', 'd', 'e'].map((name) =>
    gate.enter().then((go) => {
      order.push(name)
      return go
    }),
  )
  expect([gate.inside, gate.waiting]).toEqual([2, 3])
  for (const go of leave) go()
  for (const entering of later) (await entering)()
  expect(order).toEqual(['c', 'd', 'e'])
  expect([gate.inside, gate.waiting]).toEqual([0, 0])
})

test('whoever waits too long is refused and forgotten', async () => {
  const gate = createGate(1, 1000, 'seat')
  const leave = await gate.enter()
  const refused = expect(gate.enter()).rejects.toThrow(PoolTimeoutError)
  await vi.advanceTimersByTimeAsync(1000)
  await refused
  expect(gate.waiting).toBe(0)
  leave()
  expect(gate.inside).toBe(0)
})

test('leaving twice counts once', async () => {
  const gate = createGate(1, 1000, 'seat')
  const leave = await gate.enter()
  leave()
  leave()
  expect(gate.inside).toBe(0)
  await gate.enter()
  expect(gate.inside).toBe(1)
})
