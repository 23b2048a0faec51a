import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

test('the pause doubles from a second to an hour', () => {
  expect([1, 2, 3, 12, 13, 1000].map((attempt) => backoffMs(attempt, undefined, 1))).toEqual([
    1000, 2000, 4000, 2_048_000, 3_600_000, 3_600_000,
  ])
})

test('the pause of a kind of job that names its longest doubles up to that', () => {
  expect([1, 3, 4, 1000].map((attempt) => backoffMs(attempt, 5000, 1))).toEqual([1000, 4000, 5000, 5000])
})

test('chance moves the pause within its later half', () => {
  expect([0, 0.5, 1].map((chance) => backoffMs(3, undefined, chance))).toEqual([2000, 3000, 4000])
  const pauses = new Set(Array.from({ length: 100 }, () => backoffMs(10)))
  expect(pauses.size).toBeGreaterThan(50)
})
