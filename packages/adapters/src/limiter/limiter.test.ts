import type { Limiter, LimitRule } from '@plinth/kit'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testLink } from '../testing.ts'
import { createMemoryLimiter } from './memory-limiter.ts'
import { createRedisLimiter } from './redis-limiter.ts'

const START = Date.UTC(2026, 10, 21)

let redis: Awaited<ReturnType<typeof testLink>>
beforeAll(async () => {
  redis = await testLink()
})
afterAll(() => redis[Symbol.asyncDispose]())

// Where Redis answers, nobody asks the insurance.
const noInsurance: Limiter = {
  take() {
    throw new Error('the insurance was asked')
  },
}
const stores = {
  'in process': { create: () => createMemoryLimiter({ maxKeys: 10 }), numRuns: 100 },
  'in Redis': { create: () => createRedisLimiter({ redis, insurance: noInsurance }), numRuns: 15 },
}

/** The plain form of the same promise: a bucket of tokens that fills at the rate of the rule. */
const tokenBucket = ({ perMinute, burst }: LimitRule) => {
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
const windowRules = fc.record({
  perMinute: fc.integer({ min: 1, max: 40 }),
  burst: fc.constant(0),
  strategy: fc.constant('sliding-window' as const),
})
const pauses = fc.array(
  fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 90_000 })),
  { minLength: 1, maxLength: 100 },
)

let made = 0
const newKey = () => {
  made += 1
  return `k${made}`
}

/** The moments at which a sequence of requests was admitted. */
const admittedOf = async (limiter: Limiter, rule: LimitRule, waits: readonly number[]) => {
  const key = newKey()
  const admitted: number[] = []
  let now = START
  for (const wait of waits) {
    now += wait
    if ((await limiter.take(key, rule, now)).allowed) admitted.push(now)
  }
  return admitted
}

describe.each(Object.entries(stores))('a limiter %s', (_, { create, numRuns }) => {
  test('admits exactly what a token bucket admits', () =>
    fc.assert(
      fc.asyncProperty(rules, pauses, async (rule, waits) => {
        const limiter = create()
        const bucket = tokenBucket(rule)
        const key = newKey()
        let now = START
        for (const wait of waits) {
          now += wait
          expect((await limiter.take(key, rule, now)).allowed).toBe(bucket(now))
        }
      }),
      { numRuns },
    ))

  test('never admits more than the burst, the one, and the rate over the time that passed', () =>
    fc.assert(
      fc.asyncProperty(rules, pauses, async (rule, waits) => {
        const admitted = await admittedOf(create(), rule, waits)
        const bound = (from: number, to: number) => rule.burst + 1 + ((to - from) * rule.perMinute) / 60_000
        for (const [first, from] of admitted.entries())
          for (const [count, to] of admitted.slice(first).entries())
            expect(count + 1).toBeLessThanOrEqual(bound(from, to) + 1e-3)
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    ))

  test('admits never more within any minute of a sliding window, and no fewer than the rule says', () =>
    fc.assert(
      fc.asyncProperty(windowRules, pauses, async (rule, waits) => {
        const admitted = await admittedOf(create(), rule, waits)
        for (const [index, moment] of admitted.entries()) {
          const next = admitted[index + rule.perMinute] ?? Number.POSITIVE_INFINITY
          expect(next - moment).toBeGreaterThanOrEqual(60_000)
        }
        expect(admitted.length).toBeGreaterThanOrEqual(Math.min(waits.length, rule.perMinute))
      }),
      { numRuns },
    ))

  test.each(['token-bucket', 'sliding-window'] as const)(
    'who waits as long as told is admitted, and not a millisecond earlier: %s',
    (strategy) =>
      fc.assert(
        fc.asyncProperty(
          fc.oneof(rules, windowRules),
          fc.integer({ min: 0, max: 10_000 }),
          async (some, offset) => {
            const rule = { perMinute: Math.min(some.perMinute, 40), burst: some.burst, strategy }
            const limiter = create()
            const key = newKey()
            const start = START + offset
            let state = await limiter.take(key, rule, start)
            while (state.allowed) state = await limiter.take(key, rule, start)
            expect((await limiter.take(key, rule, start + state.retryAfterMs - 1)).allowed).toBe(false)
            expect((await limiter.take(key, rule, start + state.retryAfterMs)).allowed).toBe(true)
          },
        ),
        { numRuns: Math.ceil(numRuns / 3) },
      ),
  )

  test('what remains counts down to nothing and is whole again after the reset', async () => {
    const limiter = create()
    const key = newKey()
    const rule = { perMinute: 60, burst: 2 }
    const states = []
    for (let index = 0; index < 4; index += 1) states.push(await limiter.take(key, rule, START))
    expect(states.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0])
    expect(states.map(({ allowed }) => allowed)).toEqual([true, true, true, false])
    expect(states[3]).toEqual({ allowed: false, limit: 3, remaining: 0, resetMs: 3000, retryAfterMs: 1000 })
    expect(await limiter.take(key, rule, START + 3000)).toMatchObject({
      allowed: true,
      remaining: 2,
      resetMs: 1000,
    })
  })

  test('a sliding window tells what remains and when all of it is over', async () => {
    const limiter = create()
    const key = newKey()
    const rule = { perMinute: 2, burst: 9, strategy: 'sliding-window' as const }
    const at = (ms: number) => limiter.take(key, rule, START + ms)
    expect(await at(0)).toEqual({ allowed: true, limit: 2, remaining: 1, resetMs: 66_000, retryAfterMs: 0 })
    expect(await at(30_000)).toMatchObject({ allowed: true, remaining: 0, resetMs: 66_000 })
    expect(await at(30_000)).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 36_000 })
    expect(await at(66_000)).toMatchObject({ allowed: true, remaining: 0 })
  })

  test.each(['token-bucket', 'sliding-window'] as const)(
    'a clock that is set back stops nobody for longer than the rule does: %s',
    async (strategy) => {
      const limiter = create()
      const key = newKey()
      const rule = { perMinute: 2, burst: 1, strategy }
      for (let index = 0; index < 3; index += 1) await limiter.take(key, rule, START)
      const state = await limiter.take(key, rule, START - 3_600_000)
      expect(state).toMatchObject({ allowed: true, remaining: 1 })
    },
  )

  test('one that is exhausted blocks no other', async () => {
    const limiter = create()
    const [a, b] = [newKey(), newKey()]
    const rule = { perMinute: 1, burst: 0 }
    expect((await limiter.take(a, rule, START)).allowed).toBe(true)
    expect((await limiter.take(a, rule, START)).allowed).toBe(false)
    expect((await limiter.take(b, rule, START)).allowed).toBe(true)
  })
})

describe('two processes with one Redis', () => {
  test.each(['token-bucket', 'sliding-window'] as const)(
    'share one count, however their requests cross: %s',
    async (strategy) => {
      await using other = await testLink({ keyPrefix: redis.key('') })
      const limiters = [redis, other].map((link) =>
        createRedisLimiter({ redis: link, insurance: noInsurance }),
      )
      const key = newKey()
      const rule = { perMinute: 20, burst: 19, strategy }
      const asked = Array.from({ length: 100 }, async (_, at) => limiters[at % 2]?.take(key, rule, START))
      const states = await Promise.all(asked)
      expect(states.filter((state) => state?.allowed)).toHaveLength(20)
    },
  )

  test('know a moment for seconds after it counts no more, as clocks differ and busy processes are late', async () => {
    const keys = () => redis.run((client) => client.keys(`${redis.key('')}*`))
    const before = new Set(await keys())
    const limiter = createRedisLimiter({ redis, insurance: noInsurance })
    await limiter.take(newKey(), { perMinute: 6000, burst: 1 }, START)
    const added = (await keys()).filter((key) => !before.has(key))
    expect(added).toHaveLength(1)
    expect(await redis.run((client) => client.pttl(added[0] ?? ''))).toBeGreaterThan(3000)
  })

  test('leave nothing behind for ever', async () => {
    const limiter = createRedisLimiter({ redis, insurance: noInsurance })
    const rule = { perMinute: 20, burst: 19 }
    await limiter.take(newKey(), rule, START)
    await limiter.take(newKey(), { ...rule, strategy: 'sliding-window' }, START)
    const lives = await redis.run(async (client) =>
      Promise.all((await client.keys(`${redis.key('')}*`)).map((key) => client.pttl(key))),
    )
    expect(lives.filter((ms) => ms === -1)).toEqual([])
  })
})
