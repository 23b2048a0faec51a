import { eventually } from '@plinth/db/testing'
import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newKey, outcomeOf } from '../../test/api-keys.ts'

const DAY = 24 * 3_600_000
const ABSENT = 'key_01jd7m3x5sfa9v8k2cq4w6y8ze'

let app: TestApp
let owner: TestActor
beforeAll(async () => {
  app = await testApp({ env: { PLINTH_KEYS_MAX_PER_USER: '30' } })
  owner = await app.as('manager')
})
afterAll(() => app[Symbol.asyncDispose]())

const profile = (token: string) => app.rest('GET', '/api/user/profile', { token })
const setUser = (id: string, change: string) =>
  app.db.transaction((trx) => sql`update users set ${sql.raw(change)} where id = ${id}`.execute(trx))
const refusedFields = async (work: Promise<unknown>) =>
  work.then(
    () => [],
    (error: { data?: { code?: string; httpStatus?: number; errors?: { path: string }[] } }) => [
      error.data?.httpStatus,
      error.data?.code,
      ...(error.data?.errors ?? []).map(({ path }) => path),
    ],
  )

test('a key calls as its owner, by Authorization and by X-Api-Key, and its secret is shown once', async () => {
  const key = await newKey(owner, { scopes: ['accounts:read'] })
  expect(key.secret).toMatch(/^plk_[\w-]{49}$/)
  expect((await profile(key.secret)).body).toEqual(owner.account)
  const other = await app.rest('GET', '/api/user/profile', { headers: { 'x-api-key': key.secret } })
  expect(other.body).toEqual(owner.account)
  const shown = await owner.client.core.apiKeys.get.query({ id: key.id })
  expect(JSON.stringify(shown)).not.toContain(key.secret)
  expect({ ...shown, secret: key.secret, lastUsedAt: null, lastAddress: null }).toEqual(key)
  const cookie = { headers: { cookie: `plinth_access=${key.secret}` } }
  expect(outcomeOf(await app.rest('GET', '/api/user/profile', cookie))).toEqual([401, 'TOKEN_WRONG_TYPE'])
})

test('a key is refused what its scopes leave out, over REST, tRPC and in a batch', async () => {
  const { secret } = await newKey(owner, { scopes: ['tags:write'] })
  const client = app.clientWith({ authorization: `Bearer ${secret}` })
  const made = await client.commerce.tags.create.mutate({ name: 'By key' })
  expect(outcomeOf(await profile(secret))).toEqual([403, 'SCOPE_MISSING'])
  await expect(
    client.commerce.products.delete.mutate({ id: made.id.replace('tag', 'prd') }),
  ).rejects.toMatchObject({
    data: { code: 'SCOPE_MISSING', httpStatus: 403 },
  })
  const batch = await app.rest(
    'GET',
    '/trpc/core.accounts.get,commerce.tags.list?batch=1&input=%7B%221%22%3A%7B%7D%7D',
    {
      token: secret,
    },
  )
  const [refused, answered] = batch.body as [{ error: unknown }, { result: unknown }]
  expect(refused.error).toMatchObject({ data: { code: 'SCOPE_MISSING' } })
  expect(answered.result).toBeDefined()
})

test('a key may do no more than its owner, and loses with the next request what they lose', async () => {
  const person = await app.as('manager')
  const { secret } = await newKey(person, { scopes: ['tags:write', 'auditEntries:read', 'jobs:read'] })
  const list = (path: string) => app.rest('GET', `/api/v1/${path}`, { token: secret })
  const tag = (name: string) => app.rest('POST', '/api/v1/tags', { token: secret, body: { name } })
  expect((await list('audit-entries')).status).toBe(200)
  expect(outcomeOf(await list('jobs'))).toEqual([403, 'FORBIDDEN'])
  expect((await tag('First')).status).toBe(201)
  await setUser(person.account.id, "role = 'user'")
  expect(outcomeOf(await tag('Second'))).toEqual([403, 'FORBIDDEN'])
  expect(outcomeOf(await list('audit-entries'))).toEqual([403, 'FORBIDDEN'])
})

test.each([["state = 'disabled'"], ["state = 'banned'"], ["state = 'pending'"], ['deleted_at = created_at']])(
  'the key of an owner with %s is refused, and not that of an active one',
  async (change) => {
    const person = await app.as('user')
    const { secret } = await newKey(person, { scopes: ['accounts:read'] })
    expect((await profile(secret)).status).toBe(200)
    await setUser(person.account.id, change)
    expect(outcomeOf(await profile(secret))).toEqual([401, 'KEY_OWNER_INACTIVE'])
  },
)

test('a key that is revoked stops at once and is gone from the list; somebody else can not revoke it', async () => {
  const key = await newKey(owner, { scopes: ['accounts:read'] })
  const other = await app.as('user')
  expect(await refusedFields(other.client.core.apiKeys.delete.mutate({ id: key.id }))).toEqual([
    404,
    'NOT_FOUND',
  ])
  expect((await profile(key.secret)).status).toBe(200)
  await owner.client.core.apiKeys.delete.mutate({ id: key.id })
  expect(outcomeOf(await profile(key.secret))).toEqual([401, 'KEY_REVOKED'])
  const ids = (await owner.client.core.apiKeys.list.query({ limit: 100 })).items.map(({ id }) => id)
  expect(ids).not.toContain(key.id)
  expect(await refusedFields(owner.client.core.apiKeys.delete.mutate({ id: key.id }))).toEqual([
    404,
    'NOT_FOUND',
  ])
})

test('the list shows the own keys alone; who may read all keys sees them, newest first', async () => {
  const [one, two, admin] = [await app.as('user'), await app.as('user'), await app.as('admin')]
  const [mine, theirs] = [await newKey(one), await newKey(two)]
  const idsOf = async (actor: TestActor) =>
    (await actor.client.core.apiKeys.list.query({ limit: 100 })).items.map(({ id }) => id)
  expect([await idsOf(one), await idsOf(two)]).toEqual([[mine.id], [theirs.id]])
  expect((await idsOf(admin)).slice(0, 2)).toEqual([theirs.id, mine.id])
  // May revoke it, but not get a secret that calls in the name of another.
  expect(await refusedFields(admin.client.core.apiKeys.rotate.mutate({ id: theirs.id }))).toEqual([
    404,
    'NOT_FOUND',
  ])
  await admin.client.core.apiKeys.delete.mutate({ id: theirs.id })
})

describe('what a key may be', () => {
  const create = (given: Parameters<typeof newKey>[1]) => refusedFields(newKey(owner, given))
  const later = (ms: number) => new Date(app.clock.now().getTime() + ms).toISOString()

  test('its scopes exist: one that does not is named', async () => {
    expect(await create({ scopes: ['products:read', 'rockets:write'] })).toEqual([
      422,
      'INVALID_INPUT',
      'scopes.1',
    ])
    expect(await create({ scopes: ['*'] })).toEqual([422, 'INVALID_INPUT', 'scopes.0'])
    expect(await create({ scopes: [] })).toEqual([422, 'INVALID_INPUT', 'scopes'])
  })

  test('its limits and its end are within those of the server', async () => {
    expect(await create({ perMinute: 601, burst: 301 })).toEqual([422, 'INVALID_INPUT', 'perMinute', 'burst'])
    expect(await create({ expiresAt: later(0) })).toEqual([422, 'INVALID_INPUT', 'expiresAt'])
    expect(await create({ expiresAt: later(366 * DAY) })).toEqual([422, 'INVALID_INPUT', 'expiresAt'])
    expect(await newKey(owner)).toMatchObject({ perMinute: 600, burst: 300, expiresAt: later(365 * DAY) })
  })

  test('an update takes scopes away and gives none', async () => {
    const { id, secret } = await newKey(owner, { scopes: ['accounts:read', 'products:read'] })
    const { update } = owner.client.core.apiKeys
    expect(await refusedFields(update.mutate({ id, scopes: ['products:read', 'tags:write'] }))).toEqual([
      422,
      'INVALID_INPUT',
      'scopes.1',
    ])
    expect(await update.mutate({ id, scopes: ['products:read'], name: 'Less' })).toMatchObject({
      name: 'Less',
      scopes: ['products:read'],
    })
    expect(outcomeOf(await profile(secret))).toEqual([403, 'SCOPE_MISSING'])
    expect(await refusedFields(update.mutate({ id, scopes: ['accounts:read'] }))).toEqual([
      422,
      'INVALID_INPUT',
      'scopes.0',
    ])
    expect(await refusedFields(update.mutate({ id: ABSENT, name: 'None' }))).toEqual([404, 'NOT_FOUND'])
  })

  test('however many create at once, nobody has more than the server allows', async () => {
    const person = await app.as('user')
    const tries = await Promise.allSettled(Array.from({ length: 40 }, () => newKey(person)))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(30)
    expect(await refusedFields(newKey(person))).toEqual([409, 'KEYS_FULL'])
    const { items } = await person.client.core.apiKeys.list.query({ limit: 100 })
    expect(items).toHaveLength(30)
    await person.client.core.apiKeys.delete.mutate({ id: items[0]?.id ?? '' })
    await newKey(person)
  })
})

test('an expired key is refused from that moment on', async () => {
  await using own = await testApp()
  const person = await own.as('user')
  const expiresAt = new Date(own.clock.now().getTime() + DAY).toISOString()
  const { secret } = await newKey(person, { scopes: ['accounts:read'], expiresAt })
  const ask = async () => outcomeOf(await own.rest('GET', '/api/user/profile', { token: secret }))
  own.clock.advance(DAY - 1)
  expect(await ask()).toEqual([200, undefined])
  own.clock.advance(1)
  expect(await ask()).toEqual([401, 'KEY_EXPIRED'])
})

describe('keys and those who are signed in halfway', () => {
  test('a key is made only shortly after a proof of identity', async () => {
    await using own = await testApp()
    const person = await own.as('user')
    own.clock.advance(14 * 60_000)
    const key = await newKey(person)
    own.clock.advance(60_001)
    const { tokens } = await own.client.core.sessions.refresh.mutate({ refreshToken: person.refreshToken })
    const client = own.clientWith({ authorization: `Bearer ${tokens?.accessToken}` })
    expect(await refusedFields(client.core.apiKeys.rotate.mutate({ id: key.id }))).toEqual([
      403,
      'FRESH_SIGN_IN_NEEDED',
    ])
  })

  test('neither a key nor a limited login changes keys, logins or the password', async () => {
    const scopes = ['accounts:read', 'apiKeys:read', 'products:read']
    const key = await newKey(owner, { scopes })
    const { tokens } = await app.client.core.sessions.login.mutate({
      email: owner.email,
      password: owner.password,
      scopes,
    })
    for (const token of [key.secret, tokens?.accessToken]) {
      const { core } = app.clientWith({ authorization: `Bearer ${token}` })
      expect((await core.apiKeys.list.query({})).items.length).toBeGreaterThan(0)
      const calls = [
        () => core.apiKeys.create.mutate({ name: 'Child', scopes: ['products:read'] }),
        () => core.apiKeys.update.mutate({ id: key.id, name: 'Other' }),
        () => core.apiKeys.rotate.mutate({ id: key.id }),
        () => core.apiKeys.delete.mutate({ id: key.id }),
        () => core.sessions.logout.mutate(),
        () => core.sessions.list.query({}),
        () => core.sessions.delete.mutate({ id: 'lgn_01jd7m3x5sfa9v8k2cq4w6y8ze' }),
        () => core.accounts.update.mutate({ phone: '+442012345678' }),
        () =>
          core.accounts.changePassword.mutate({
            currentPassword: owner.password,
            newPassword: 'another long one 7',
          }),
      ]
      for (const call of calls) expect(await refusedFields(call())).toEqual([403, 'SCOPE_MISSING'])
    }
  })
})

describe('the last use of a key', () => {
  const used = async (id: string) => (await owner.client.core.apiKeys.get.query({ id })).lastUsedAt

  test('is written beside the requests, once a minute however many there are', async () => {
    const { id, secret } = await newKey(owner, { scopes: ['accounts:read'] })
    expect(await used(id)).toBeNull()
    app.db.resetCosts()
    const first = app.clock.now().toISOString()
    await Promise.all(Array.from({ length: 20 }, () => profile(secret)))
    await eventually(async () => expect(await used(id)).toBe(first))
    app.clock.advance(30_000)
    await Promise.all(Array.from({ length: 20 }, () => profile(secret)))
    expect(await used(id)).toBe(first)
    app.clock.advance(30_000)
    await profile(secret)
    await eventually(async () => expect(await used(id)).toBe(app.clock.now().toISOString()))
    const writes = app.db
      .slowest(100)
      .filter(({ sql: text }) => /update "api_keys" set "last_used_at"/.test(text))
    expect(writes.reduce((sum, { calls }) => sum + calls, 0)).toBeLessThanOrEqual(4)
    expect((await owner.client.core.apiKeys.get.query({ id })).lastAddress).toMatch(/127\.0\.0\.1|::1/)
  })
})
