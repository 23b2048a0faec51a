import { type TestApp, testApp } from '@plinth/testing'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { newToken } from '../tokens.ts'

const refusal = async (app: TestApp, token: string) => {
  const { status, body } = await app.rest('GET', '/api/user/profile', { token })
  return { status, code: (body as { code?: string }).code }
}

test('every defect of an access token is 401 with a code of its own', async () => {
  await using app = await testApp()
  const { accessToken, refreshToken, client } = await app.as('user')
  const flipped = accessToken.slice(0, -1) + (accessToken.endsWith('A') ? 'B' : 'A')
  expect(await refusal(app, 'nonsense')).toEqual({ status: 401, code: 'TOKEN_MALFORMED' })
  expect(await refusal(app, flipped)).toEqual({ status: 401, code: 'TOKEN_MALFORMED' })
  expect(await refusal(app, refreshToken)).toEqual({ status: 401, code: 'TOKEN_WRONG_TYPE' })
  expect(await refusal(app, newToken('access'))).toEqual({ status: 401, code: 'TOKEN_UNKNOWN' })
  const { status, body } = await app.rest('GET', '/api/user/profile')
  expect([status, (body as { code: string }).code]).toEqual([401, 'NOT_SIGNED_IN'])
  await client.core.sessions.logout.mutate()
  expect(await refusal(app, accessToken)).toEqual({ status: 401, code: 'TOKEN_REVOKED' })
})

test('an access token lives for its time by the clock of the application, is not extended, and then has expired', async () => {
  await using app = await testApp()
  const { accessToken } = await app.as('user')
  app.clock.advance(15 * 60_000 - 1000)
  expect((await refusal(app, accessToken)).status).toBe(200)
  expect((await refusal(app, accessToken)).status).toBe(200)
  app.clock.advance(1000)
  expect(await refusal(app, accessToken)).toEqual({ status: 401, code: 'TOKEN_EXPIRED' })
})

test('a portal token is refused on the procedures of accounts', async () => {
  await using app = await testApp()
  const { accessToken } = await app.as('user')
  await app.db.transaction((trx) => sql`update logins set portal = 'merchant'`.execute(trx))
  expect(await refusal(app, accessToken)).toEqual({ status: 401, code: 'TOKEN_WRONG_AUDIENCE' })
})

test('a role is what its account has now, not what it had at the login', async () => {
  await using app = await testApp()
  const { client, account } = await app.as('admin')
  await client.core.auditEntries.list.query({})
  await app.db.transaction((trx) => sql`update users set role = 'user' where id = ${account.id}`.execute(trx))
  await expect(client.core.auditEntries.list.query({})).rejects.toMatchObject({ data: { code: 'FORBIDDEN' } })
})

test('finding who calls costs one read and no write', async () => {
  await using app = await testApp()
  const { accessToken } = await app.as('user')
  await refusal(app, accessToken)
  app.db.resetCosts()
  app.clock.advance(14 * 60_000)
  await refusal(app, accessToken)
  const costs = app.db.slowest().filter(({ sql }) => /sessions|logins/.test(sql))
  expect(costs).toHaveLength(1)
  expect(costs[0]).toMatchObject({ calls: 1 })
})
