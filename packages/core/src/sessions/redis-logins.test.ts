import { ownRedis, testLink } from '@plinth/adapters/testing'
import { type TestApp, testApp } from '@plinth/testing'
import { expect, test } from 'vitest'
import { appWithLoginsIn } from '../../test/login-stores.ts'

const profile = (app: TestApp, token: string) => app.rest('GET', '/api/user/profile', { token })
const code = async (app: TestApp, token: string) =>
  ((await profile(app, token)).body as { code?: string }).code ?? 'none'

test('finding who calls costs one command to Redis and no statement of the database', async () => {
  await using redis = await ownRedis()
  const env = { PLINTH_LIMITER_STORE: 'memory', PLINTH_CACHE_STORE: 'memory' }
  await using app = await appWithLoginsIn('redis', { url: redis.url, env })
  const { accessToken } = await app.as('user')
  await using link = await testLink({ url: redis.url })
  const scripts = () =>
    link.run(async (client) => {
      const stats = await client.info('commandstats')
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0)
    })
  await profile(app, accessToken)
  const before = await scripts()
  app.db.resetCosts()
  expect((await profile(app, accessToken)).status).toBe(200)
  expect((await scripts()) - before).toBe(1)
  expect(app.db.slowest().filter(({ sql }) => /sessions|logins|refresh_tokens/.test(sql))).toEqual([])
})

test('no token is in Redis, and no login is in the database', async () => {
  await using redis = await ownRedis()
  await using app = await appWithLoginsIn('redis', { url: redis.url })
  const { accessToken, refreshToken } = await app.as('user')
  await using link = await testLink({ url: redis.url })
  const kept = await link.run(async (client) => {
    const keys = await client.keys('*')
    const values = await Promise.all(
      keys.map(async (key) =>
        (await client.type(key)) === 'hash' ? JSON.stringify(await client.hgetall(key)) : '',
      ),
    )
    return [...keys, ...values].join('\n')
  })
  expect(kept).toContain(':access:')
  expect(kept).toContain(':refresh:')
  for (const token of [accessToken, refreshToken]) expect(kept).not.toContain(token)
  for (const table of ['logins', 'sessions', 'refresh_tokens'] as const)
    expect(
      await app.db
        .as<Record<typeof table, { user_id: string }>>()
        .read.selectFrom(table)
        .select('user_id')
        .execute(),
    ).toEqual([])
})

test('logins can have a Redis of their own, without which caches and limits go on', async () => {
  await using own = await ownRedis()
  await using app = await testApp({
    env: { PLINTH_SESSIONS_STORE: 'redis', PLINTH_SESSIONS_REDIS_URL: own.url },
  })
  const ready = async () => (await app.rest('GET', '/ready')).text
  await expect.poll(ready, { timeout: 5000 }).toContain('"name":"logins","state":"up"')
  const { accessToken } = await app.as('user')
  expect((await profile(app, accessToken)).status).toBe(200)
  await own.kill()
  await expect.poll(ready).toContain('"status":"degraded"')
  expect(await ready()).toContain('"name":"logins","state":"down"')
  expect((await profile(app, accessToken)).status).toBe(503)
  expect((await app.rest('GET', '/metrics')).text).toContain('plinth_logins_redis_state{of="up"} 0')
  expect((await app.rest('GET', '/api/v1/products')).status).toBe(200)
})

test('while Redis is away who is signed in is told to try again, and after its loss to sign in again', async () => {
  await using redis = await ownRedis()
  await using app = await appWithLoginsIn('redis', { url: redis.url })
  const { accessToken, email, password } = await app.as('user')
  await redis.kill()
  const { status, headers } = await profile(app, accessToken)
  expect([status, headers.get('retry-after'), await code(app, accessToken)]).toEqual([
    503,
    '1',
    'UNAVAILABLE',
  ])
  expect((await app.rest('GET', '/api/v1/products')).status).toBe(200)
  const login = () => app.rest('POST', '/api/v1/auth/login', { body: { email, password } })
  expect((await login()).status).toBe(503)
  redis.start()
  await expect.poll(async () => (await login()).status, { timeout: 10_000 }).toBe(200)
  expect(await code(app, accessToken)).toBe('TOKEN_UNKNOWN')
  const { body } = await login()
  const { tokens } = body as { tokens: { accessToken: string } }
  expect((await profile(app, tokens.accessToken)).status).toBe(200)
})
