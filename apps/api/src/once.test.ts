import { expect, test } from 'vitest'
import { once } from './once.ts'

test('what is made once is kept, a failure is not', async () => {
  let asked = 0
  const get = once(async () => {
    asked++
    if (asked === 1) throw new Error('not now')
    return asked
  })
  await expect(get()).rejects.toThrow('not now')
  expect(await Promise.all([get(), get()])).toEqual([2, 2])
  expect(await get()).toBe(2)
})
