import { setTimeout as delay } from 'node:timers/promises'
import { LockBusyError, LockLostError, type Locks } from '@plinth/kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testLink } from '../testing.ts'
import { createMemoryLocks } from './memory-locks.ts'
import { createRedisLocks } from './redis-locks.ts'

let redis: Awaited<ReturnType<typeof testLink>>
let other: Awaited<ReturnType<typeof testLink>>
beforeAll(async () => {
  redis = await testLink()
  other = await testLink({ keyPrefix: redis.key('') })
})
afterAll(async () => {
  await other[Symbol.asyncDispose]()
  await redis[Symbol.asyncDispose]()
})

/** Two processes, or what stands for them where there is one. */
const stores: Readonly<Record<string, () => readonly [Locks, Locks]>> = {
  'in process': () => {
    const locks = createMemoryLocks()
    return [locks, locks]
  },
  'in Redis': () => [createRedisLocks(redis), createRedisLocks(other)],
}

let made = 0
const newKey = () => {
  made += 1
  return `key ${made}`
}
const options = { ttlMs: 10_000 }

/** Holds a lock until it is told to let go. */
const holding = async (locks: Locks, key: string, ttlMs = 10_000) => {
  const { promise: end, resolve: letGo } = Promise.withResolvers<void>()
  const inside = Promise.withResolvers<{ fence: number; signal: AbortSignal }>()
  const done = locks.withLock(key, { ttlMs }, async (lease) => {
    inside.resolve(lease)
    await end
  })
  // Whoever waits for it sees the failure; the test may be waiting for something else first.
  done.catch(inside.reject)
  return { lease: await inside.promise, letGo, done }
}

describe.each(Object.entries(stores))('locks %s', (_, create) => {
  test('of 50 who race for a key one at a time is inside, and all come through', async () => {
    const locks = create()
    const key = newKey()
    let [inside, most] = [0, 0]
    const fences: number[] = []
    const race = async (at: number) =>
      locks[at % 2]?.withLock(key, { ttlMs: 10_000, waitMs: 20_000 }, async ({ fence }) => {
        inside += 1
        most = Math.max(most, inside)
        await delay(1)
        fences.push(fence)
        inside -= 1
      })
    await Promise.all(Array.from({ length: 50 }, (__, at) => race(at)))
    expect([most, fences.length]).toEqual([1, 50])
    expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b))
  })

  test('different keys do not wait for each other', async () => {
    const [locks] = create()
    const first = await holding(locks, newKey())
    expect(await locks.withLock(newKey(), { ttlMs: 1000, waitMs: 0 }, async () => 'inside')).toBe('inside')
    first.letGo()
    await first.done
  })

  test('a lock whose work fails is free again', async () => {
    const [one, two] = create()
    const key = newKey()
    const failing = one.withLock(key, options, () => Promise.reject(new Error('broken')))
    await expect(failing).rejects.toThrow('broken')
    expect(await two.withLock(key, { ttlMs: 1000, waitMs: 0 }, async () => 'inside')).toBe('inside')
  })

  test('who waits longer than asked for is told so, and the next one still gets it', async () => {
    const [one, two] = create()
    const key = newKey()
    const first = await holding(one, key)
    const late = two.withLock(key, { ttlMs: 1000, waitMs: 30 }, async () => undefined)
    await expect(late).rejects.toThrow(LockBusyError)
    const next = two.withLock(key, options, async () => 'inside')
    first.letGo()
    expect(await next).toBe('inside')
  })

  test('work that takes longer than the lock lives keeps it all the while', async () => {
    const [one, two] = create()
    const key = newKey()
    const first = await holding(one, key, 150)
    const late = two.withLock(key, { ttlMs: 1000, waitMs: 500 }, async () => undefined)
    await expect(late).rejects.toThrow(LockBusyError)
    expect(first.lease.signal.aborted).toBe(false)
    first.letGo()
    await first.done
  })
})

describe('in Redis a holder', () => {
  test('that dies leaves a lock that ends by itself, and was told before another one has it', async () => {
    await using dying = await testLink({ keyPrefix: redis.key('') })
    const key = newKey()
    const first = await holding(createRedisLocks(dying), key, 300)
    await dying.close()
    const told = await createRedisLocks(redis).withLock(
      key,
      { ttlMs: 1000, waitMs: 5000 },
      async ({ fence }) => ({ aborted: first.lease.signal.aborted, higher: fence > first.lease.fence }),
    )
    expect(told).toEqual({ aborted: true, higher: true })
    first.letGo()
    await expect(first.done).rejects.toThrow(LockLostError)
  })

  test('whose lock was taken away is told, and does not release that of the next one', async () => {
    const key = newKey()
    const first = await holding(createRedisLocks(redis), key, 300)
    await redis.run((client) => client.del(redis.key('lock', key)))
    const second = await holding(createRedisLocks(other), key)
    await expect.poll(() => first.lease.signal.aborted).toBe(true)
    expect(first.lease.signal.reason).toBeInstanceOf(LockLostError)
    first.letGo()
    await expect(first.done).rejects.toThrow(LockLostError)
    const third = createRedisLocks(redis).withLock(key, { ttlMs: 1000, waitMs: 0 }, async () => undefined)
    await expect(third).rejects.toThrow(LockBusyError)
    second.letGo()
    await second.done
  })

  test('gets no lock while Redis is away', async () => {
    await using away = await testLink()
    await away.close()
    const asked = createRedisLocks(away).withLock(newKey(), options, async () => undefined)
    await expect(asked).rejects.toThrow('not available')
  })
})
