import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMemoryLimiter } from './memory-limiter.ts'

const START = Date.UTC(2026, 10, 21)

/** The plain form of the same promise: a bucket of tokens that fills at the rate of the rule. */
const tokenBucket = ({ perMinute, burst }: { perMinute: number; burst: number }) => {
  const size = burst + 1
  let tokens = size
  let last = START
  return (now: number): boolean => {
    tokens = Math.min(size, tokens + ((now - last) * perMinute) / 60_000)
    last = now
    if (tokens < 1 - 1e-6) return false
    tokens -= 1
    return true
  }
}

const rules = fc.record({
  perMinute: fc.integer({ min: 1, max: 6000 }),
  burst: fc.integer({ min: 0, max: 50 }),
})
const pauses = fc.array(
  fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200 }), fc.integer({ max: 90_000, min: 0 })),
  {
    minLength: 1,
    maxLength: 200,
  },
)

describe('over any sequence of requests', () => {
  test('it admits exactly what a token bucket admits', () => {
    fc.assert(
      fc.property(rules, pauses, (rule, waits) => {
        const limiter = createMemoryLimiter({ maxKeys: 10 })
        const bucket = tokenBucket(rule)
        let now = START
        for (const wait of waits) {
          now += wait
          expect(limiter.take('k', rule, now).allowed).toBe(bucket(now))
        }
      }),
    )
  })

  test('never more than the burst, the one, and the rate over the time that passed', () => {
    fc.assert(
      fc.property(rules, pauses, (rule, waits) => {
        const limiter = createMemoryLimiter({ maxKeys: 10 })
        const admitted: number[] = []
        let now = START
        for (const wait of waits) {
          now += wait
          if (limiter.take('k', rule, now).allowed) admitted.push(now)
        }
        const bound = (from: number, to: number) => rule.burst + 1 + ((to - from) * rule.perMinute) / 60_000
        for (const [first, from] of admitted.entries())
          for (const [count, to] of admitted.slice(first).entries())
            expect(count + 1).toBeLessThanOrEqual(bound(from, to) + 1e-3)
      }),
      { numRuns: 30 },
    )
  })

  test('who waits as long as told is admitted, and not a millisecond earlier', () => {
    fc.assert(
      fc.property(rules, (rule) => {
        const limiter = createMemoryLimiter({ maxKeys: 10 })
        let state = limiter.take('k', rule, START)
        while (state.allowed) state = limiter.take('k', rule, START)
        expect(limiter.take('k', rule, START + state.retryAfterMs - 1).allowed).toBe(false)
        expect(limiter.take('k', rule, START + state.retryAfterMs).allowed).toBe(true)
      }),
    )
  })
})

test('what remains counts down to nothing and is whole again after the reset', () => {
  const limiter = createMemoryLimiter({ maxKeys: 10 })
  const rule = { perMinute: 60, burst: 2 }
  const states = [1, 2, 3, 4].map(() => limiter.take('k', rule, START))
  expect(states.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0])
  expect(states.map(({ allowed }) => allowed)).toEqual([true, true, true, false])
  expect(states[3]).toEqual({ allowed: false, limit: 3, remaining: 0, resetMs: 3000, retryAfterMs: 1000 })
  expect(limiter.take('k', rule, START + 3000)).toMatchObject({ allowed: true, remaining: 2, resetMs: 1000 })
})

test('keys do not count for each other', () => {
  const limiter = createMemoryLimiter({ maxKeys: 10 })
  const rule = { perMinute: 1, burst: 0 }
  expect(limiter.take('a', rule, START).allowed).toBe(true)
  expect(limiter.take('a', rule, START).allowed).toBe(false)
  expect(limiter.take('b', rule, START).allowed).toBe(true)
})

test('beyond the bound the key that asked longest ago is forgotten, not one that is being refused', () => {
  const limiter = createMemoryLimiter({ maxKeys: 2 })
  const rule = { perMinute: 1, burst: 0 }
  const ask = (key: string) => limiter.take(key, rule, START).allowed
  expect([ask('busy'), ask('idle'), ask('busy'), ask('new')]).toEqual([true, true, false, true])
  expect(ask('busy')).toBe(false)
  expect(ask('idle')).toBe(true)
})
