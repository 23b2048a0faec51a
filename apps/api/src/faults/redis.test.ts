import { ownRedis } from '@plinth/adapters/testing'
import { testDatabaseUrl } from '@plinth/db/testing'
import { startServerProcess } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  MANY_ACCOUNTS,
  post,
  readyOf,
  register,
  startParts,
  statusOf,
  steadyLoad,
  until,
} from '../../test/load.ts'
import { allMigrations } from '../systems.ts'

let database: Awaited<ReturnType<typeof testDatabaseUrl>>
beforeAll(async () => {
  database = await testDatabaseUrl(allMigrations())
})
afterAll(() => database.dispose())

// What is asked of the limiter, the cache, and of neither; each index is sent once.
const sendTo = (url: string, run: string) => (index: number) => {
  if (index % 10 === 0) return register(url, `${run}-${index}@example.com`)
  return statusOf(`${url}/api/v1/products?limit=${1 + (index % 5)}`)
}

const kept = async (url: string): Promise<string | null> => {
  const answer = await fetch(`${url}/api/v1/categories`)
  await answer.arrayBuffer()
  return answer.headers.get('x-cache')
}

const isUp = (url: string) =>
  until('Redis is up', async () => (await readyOf(url, 'redis')) === '200 up, redis up')

const env = (redis: string) => ({
  ...MANY_ACCOUNTS,
  DATABASE_URL: database.url,
  REDIS_URL: redis,
  PLINTH_REDIS_COMMAND_TIMEOUT_MS: '250',
  PLINTH_CACHE_WARM: '[]',
})

test('Redis killed under load: every request is answered as before, and all that is shared comes back by itself', async () => {
  await using redis = await ownRedis()
  await using first = await startServerProcess(env(redis.url))
  await using second = await startServerProcess(env(redis.url))
  for (const { url } of [first, second]) await isUp(url)
  await using load = steadyLoad(sendTo(first.url, 'killed'))
  const answered = () => load.count(200) + load.count(201)
  const more = async (what: string) => {
    const before = answered()
    await until(what, () => answered() > before + 100)
  }

  await more('answers with Redis')
  await redis.kill()
  await more('answers without Redis')
  expect(await readyOf(first.url, 'redis')).toBe('200 degraded, redis down')
  redis.start()
  await isUp(first.url)
  await more('answers with Redis again')
  await until('answers are shared again', async () => {
    await kept(first.url)
    return (await kept(second.url)) === 'hit'
  })
  await load.stop()
  expect(load.statuses()).toEqual(new Set([200, 201]))
  expect(await first.end('SIGTERM')).toBe(0)
}, 60_000)

test('Redis that hangs under load costs a few answers its timeout, and no request its answer', async () => {
  await using redis = await ownRedis()
  await using server = await startServerProcess(env(redis.url))
  await isUp(server.url)
  await using load = steadyLoad(sendTo(server.url, 'hung'))
  const answered = () => load.count(200) + load.count(201)
  await until('answers with Redis', () => answered() > 100)
  redis.hang()
  const before = answered()
  await until('answers meanwhile', () => answered() > before + 200)
  expect(await readyOf(server.url, 'redis')).toBe('200 degraded, redis down')
  redis.wake()
  await isUp(server.url)
  await load.stop()
  expect(load.statuses()).toEqual(new Set([200, 201]))
  // Three commands in a row at the most, each of 250 ms, and what the machine is busy with beside.
  expect(load.slowest()).toBeLessThan(3000)
}, 60_000)

test('Redis killed: what goes through it alone is 503 in time, and locks and messages come back by themselves', async () => {
  await using redis = await ownRedis()
  await using first = await startParts(env(redis.url))
  await using second = await startParts(env(redis.url))
  for (const { url } of [first, second]) await isUp(url)
  const turn = async (url: string) => {
    const answer = await post(`${url}/api/v1/turns`)
    const { count = 1 } = (await answer.json()) as { count?: number }
    return count === 1 ? answer.status : 0
  }
  const told = (text: string) => post(`${first.url}/api/v1/messages`, { text })
  const heard = async ({ url }: { url: string }) => {
    const answer = await fetch(`${url}/api/v1/messages`)
    return ((await answer.json()) as { texts: string[] }).texts
  }
  // What is told before the other one listens is not kept for it.
  const hears = (text: string) =>
    until(`${text} is heard`, async () => {
      await told(text)
      return (await heard(second)).includes(text)
    })
  await using load = steadyLoad((index) => turn(index % 2 === 0 ? first.url : second.url), 4)

  await hears('before')
  await until('turns', () => load.count(200) > 40)
  await redis.kill()
  await until('no turns', () => load.count(503) > 40)
  const refused = await told('meanwhile')
  expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'UNAVAILABLE' }])
  expect(await heard(first)).toContain('meanwhile')
  await until('it says so', async () => (await readyOf(second.url, 'bus')) === '200 degraded, bus down')
  redis.start()
  const before = load.count(200)
  await until('turns again', () => load.count(200) > before + 40)
  await until('it says so', async () => (await readyOf(second.url, 'bus')) === '200 up, bus up')
  await hears('after')
  await load.stop()
  expect(load.statuses()).toEqual(new Set([200, 503]))
  expect(load.slowest()).toBeLessThan(3000)
}, 60_000)
