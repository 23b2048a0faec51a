import { expect, test } from 'vitest'
import { driftOf } from './soak.ts'

test('memory that only swings has no drift, and its warm-up does not count', () => {
  const swing = Array.from({ length: 40 }, (_, at) => (at < 8 ? 40 : 100 + (at % 2) * 20))
  const { afterWarmUp, end, highest } = driftOf(swing)
  expect(Math.abs(end - afterWarmUp)).toBeLessThan(5)
  expect(highest).toBe(120)
})

test('memory that grows drifts', () => {
  const { afterWarmUp, end } = driftOf(Array.from({ length: 40 }, (_, at) => 100 + at * 5))
  expect(end - afterWarmUp).toBeGreaterThan(100)
})

test('a few samples say nothing', () => {
  expect(() => driftOf([100, 101])).toThrow('eight samples')
})
