import { ownRedis, TEST_REDIS_URL } from '@plinth/adapters/testing'
import { type TestApp, testApp } from '@plinth/testing'
import { describe, expect, test } from 'vitest'

const LIST = '/api/v1/products?limit=1'
const redisEnv = (url: string, commandTimeoutMs = 3000) => ({
  REDIS_URL: url,
  PLINTH_REDIS_KEY_PREFIX: `test:${Math.random()}:`,
  PLINTH_REDIS_COMMAND_TIMEOUT_MS: String(commandTimeoutMs),
})

const list = (app: TestApp) => app.rest('GET', LIST)
const seen = async (app: TestApp) => {
  const { status, headers } = await list(app)
  return `${status} ${headers.get('x-cache')}`
}
const state = async (app: TestApp) => {
  const { body, status } = await app.rest('GET', '/ready')
  const { checks, status: whole } = body as { status: string; checks: { name: string; state: string }[] }
  return `${status} ${whole}, redis ${checks.find(({ name }) => name === 'redis')?.state}`
}
const metric = async (app: TestApp, name: string) => {
  const { text } = await app.rest('GET', '/metrics')
  return Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
}
const create = async (app: TestApp, name: string) => {
  const { client } = await app.as('manager')
  await client.commerce.products.create.mutate({ name, price: { amount: 100, currency: 'EUR' } })
}

test('two servers with one Redis share answers, drops and limits', async () => {
  const env = {
    ...redisEnv(TEST_REDIS_URL),
    PLINTH_LIMITS: JSON.stringify({ default: { perMinute: 1, burst: 29 } }),
  }
  await using first = await testApp({ env })
  await using second = await testApp({ env })
  await expect.poll(() => state(first)).toContain('redis up')
  expect([await seen(first), await seen(second)]).toEqual(['200 miss', '200 hit'])
  await create(second, 'Dropped by the other')
  expect(await seen(first)).toBe('200 miss')
  const statuses: number[] = []
  for (let index = 0; index < 30; index += 1)
    statuses.push((await list(index % 2 === 0 ? first : second)).status)
  expect(statuses).toContain(429)
  expect(statuses.filter((status) => status === 200).length).toBeLessThan(30)
})

test('many who ask two servers at once wait for one computation', async () => {
  const env = redisEnv(TEST_REDIS_URL)
  await using first = await testApp({ env })
  await using second = await testApp({ env })
  for (const app of [first, second]) await expect.poll(() => state(app)).toContain('redis up')
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, at) => list(at % 2 === 0 ? first : second)),
  )
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  const computed = 'plinth_cache_total{procedure="commerce.products.list",result="computed"}'
  expect((await metric(first, computed)) + (await metric(second, computed))).toBe(1)
})

test('two servers with one Redis hear each other', async () => {
  const env = redisEnv(TEST_REDIS_URL)
  await using first = await testApp({ env })
  await using second = await testApp({ env })
  const got: unknown[] = []
  second.composed.bus.subscribe('orders', (message) => got.push(message))
  await expect
    .poll(async () => {
      await first.composed.bus.publish('orders', 'made')
      return got.length
    })
    .toBeGreaterThan(0)
  expect(got).toContain('made')
})

describe('a server whose Redis', () => {
  test('is killed answers as if nothing were kept, says so, and recovers by itself', async () => {
    await using redis = await ownRedis()
    await using app = await testApp({ env: redisEnv(redis.url) })
    await expect.poll(() => state(app)).toBe('200 up, redis up')
    expect([await seen(app), await seen(app)]).toEqual(['200 miss', '200 hit'])
    await redis.kill()
    for (let index = 0; index < 20; index += 1) expect(await seen(app)).toBe('200 miss')
    expect(await state(app)).toBe('200 degraded, redis down')
    expect(await metric(app, 'plinth_redis_state{of="up"}')).toBe(0)
    redis.start()
    await expect.poll(() => state(app), { timeout: 10_000 }).toBe('200 up, redis up')
    expect([await seen(app), await seen(app)]).toEqual(['200 miss', '200 hit'])
    expect(await metric(app, 'plinth_redis_state{of="up"}')).toBe(1)
    expect(await metric(app, 'plinth_redis_state{of="losses"}')).toBe(1)
  })

  test('hangs costs a few calls the timeout and then none, and no answer is older than a write', async () => {
    await using redis = await ownRedis()
    await using app = await testApp({ env: redisEnv(redis.url, 250) })
    await expect.poll(() => state(app)).toBe('200 up, redis up')
    await list(app)
    expect(await seen(app)).toBe('200 hit')
    redis.hang()
    const times: number[] = []
    for (let index = 0; index < 30; index += 1) {
      const startedAt = performance.now()
      expect(await seen(app)).toBe('200 miss')
      times.push(performance.now() - startedAt)
    }
    expect(times.filter((ms) => ms > 200).length).toBeLessThanOrEqual(3)
    await create(app, 'Written meanwhile')
    redis.wake()
    await expect.poll(() => state(app), { timeout: 10_000 }).toBe('200 up, redis up')
    const after = await list(app)
    expect(after.headers.get('x-cache')).toBe('miss')
    expect(after.text).toContain('Written meanwhile')
    expect(await seen(app)).toBe('200 hit')
  })

  test('is not there at the start starts all the same', async () => {
    await using redis = await ownRedis()
    await redis.kill()
    await using app = await testApp({ env: redisEnv(redis.url) })
    expect([await seen(app), await state(app)]).toEqual(['200 miss', '200 degraded, redis down'])
    redis.start()
    await expect.poll(() => state(app), { timeout: 10_000 }).toBe('200 up, redis up')
    expect([await seen(app), await seen(app)]).toEqual(['200 miss', '200 hit'])
  })
})

test('limits go on by process while Redis is away', async () => {
  await using redis = await ownRedis()
  await redis.kill()
  const PLINTH_LIMITS = JSON.stringify({ default: { perMinute: 60, burst: 4 } })
  await using app = await testApp({ env: { ...redisEnv(redis.url), PLINTH_LIMITS } })
  const statuses: number[] = []
  for (let index = 0; index < 8; index += 1) statuses.push((await list(app)).status)
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429])
})
