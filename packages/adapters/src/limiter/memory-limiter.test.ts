import { expect, test } from 'vitest'
import { createMemoryLimiter } from './memory-limiter.ts'

const START = Date.UTC(2026, 10, 21)

test.each(['token-bucket', 'sliding-window'] as const)(
  'beyond the bound the key that asked longest ago is forgotten, not one that is being refused: %s',
  (strategy) => {
    const limiter = createMemoryLimiter({ maxKeys: 2 })
    const rule = { perMinute: 1, burst: 0, strategy }
    const ask = (key: string) => limiter.take(key, rule, START).allowed
    expect([ask('busy'), ask('idle'), ask('busy'), ask('new')]).toEqual([true, true, false, true])
    expect(ask('busy')).toBe(false)
    expect(ask('idle')).toBe(true)
  },
)

test('it answers at once, and nothing waits for it', () => {
  const limiter = createMemoryLimiter({ maxKeys: 2 })
  expect(limiter.take('a', { perMinute: 1, burst: 0 }, START)).not.toBeInstanceOf(Promise)
})
