import { expect, test } from 'vitest'
import { lazily } from './lazily.ts'

test('what is made once is made once for everybody, and a failure is not kept', async () => {
  let tries = 0
  const get = lazily(async () => {
    tries += 1
    if (tries === 1) throw new Error('no file could be opened')
    return { tries }
  })
  const [first, beside] = await Promise.allSettled([get(), get()])
  expect([first?.status, beside?.status]).toEqual(['rejected', 'rejected'])
  const made = await get()
  expect(made).toEqual({ tries: 2 })
  expect(await get()).toBe(made)
})
