import { schemaOf } from '@plinth/db'
import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newKey, outcomeOf, sendSigned } from '../../test/api-keys.ts'
import type { CoreDb } from '../db.ts'
import { purgeApiKeys } from './purge.ts'

const DAY = 24 * 3_600_000
const PATH = '/api/user/profile'
const OK = [200, undefined]
const REPLACED = [401, 'KEY_REPLACED']

let app: TestApp
let owner: TestActor
beforeEach(async () => {
  app = await testApp()
  owner = await app.as('user')
})
afterEach(() => app[Symbol.asyncDispose]())

const ask = async (token: string) => outcomeOf(await app.rest('GET', PATH, { token }))
const rotate = (id: string, more: { overlapSeconds?: number; expiresAt?: string } = {}) =>
  owner.client.core.apiKeys.rotate.mutate({ id, ...more })
const scopes = ['accounts:read']
const later = (ms: number) => new Date(app.clock.now().getTime() + ms).toISOString()

test('after a rotation both secrets serve until the overlap ends, and then the new one alone', async () => {
  const key = await newKey(owner, { scopes })
  const next = await rotate(key.id, { overlapSeconds: 60 })
  expect(next).toMatchObject({ id: key.id, previousSecretUntil: later(60_000), expiresAt: key.expiresAt })
  expect([await ask(key.secret), await ask(next.secret)]).toEqual([OK, OK])
  app.clock.advance(59_999)
  expect([await ask(key.secret), await ask(next.secret)]).toEqual([OK, OK])
  app.clock.advance(1)
  expect([await ask(key.secret), await ask(next.secret)]).toEqual([REPLACED, OK])
  expect((await owner.client.core.apiKeys.get.query({ id: key.id })).previousSecretUntil).toBeNull()
})

test('the overlap is a day where none is given, and 0 ends the old secret at once', async () => {
  const key = await newKey(owner, { scopes })
  const second = await rotate(key.id)
  expect(second.previousSecretUntil).toBe(later(DAY))
  const third = await rotate(key.id, { overlapSeconds: 0 })
  expect(third.previousSecretUntil).toBeNull()
  const outcomes = [await ask(key.secret), await ask(second.secret), await ask(third.secret)]
  expect(outcomes).toEqual([REPLACED, REPLACED, OK])
})

test('of several rotations, also at the same time, the last two secrets serve', async () => {
  const key = await newKey(owner, { scopes })
  const made = await Promise.all(Array.from({ length: 6 }, () => rotate(key.id)))
  const outcomes = await Promise.all([key, ...made].map(({ secret }) => ask(secret)))
  expect(outcomes.filter(([status]) => status === 200)).toHaveLength(2)
  expect(outcomes.filter(([, code]) => code === 'KEY_REPLACED')).toHaveLength(5)
})

test('what is signed with the secret before is accepted until the overlap ends', async () => {
  const key = await newKey(owner, { scopes, signed: true })
  const next = await rotate(key.id, { overlapSeconds: 60 })
  const send = async (secret: string) =>
    outcomeOf(await sendSigned(app, { id: key.id, secret }, { path: PATH }))
  expect([await send(key.secret), await send(next.secret)]).toEqual([OK, OK])
  app.clock.advance(60_000)
  expect([await send(key.secret), await send(next.secret)]).toEqual([[401, 'SIGNATURE_INVALID'], OK])
})

test('revoking ends both secrets at once', async () => {
  const key = await newKey(owner, { scopes })
  const next = await rotate(key.id)
  await owner.client.core.apiKeys.delete.mutate({ id: key.id })
  const revoked = [401, 'KEY_REVOKED']
  expect([await ask(key.secret), await ask(next.secret)]).toEqual([revoked, revoked])
})

test('a rotation may move the end of a key, and an expired one needs that', async () => {
  const key = await newKey(owner, { scopes, expiresAt: later(60_000) })
  const moved = await rotate(key.id, { expiresAt: later(2 * 60_000) })
  app.clock.advance(60_000)
  expect([await ask(key.secret), await ask(moved.secret)]).toEqual([OK, OK])
  app.clock.advance(60_000)
  expect(await ask(moved.secret)).toEqual([401, 'KEY_EXPIRED'])
  await expect(rotate(key.id)).rejects.toMatchObject({
    data: { code: 'INVALID_INPUT', errors: [{ path: 'expiresAt' }] },
  })
  expect(await ask((await rotate(key.id, { expiresAt: later(DAY) })).secret)).toEqual(OK)
})

test('an expired key counts among those that an account may have, for it can be renewed', async () => {
  await using own = await testApp({ env: { PLINTH_KEYS_MAX_PER_USER: '1' } })
  const person = await own.as('user')
  const expiresAt = new Date(own.clock.now().getTime() + 1000).toISOString()
  const { id } = await newKey(person, { expiresAt })
  own.clock.advance(1000)
  await expect(newKey(person)).rejects.toMatchObject({ data: { code: 'KEYS_FULL', httpStatus: 409 } })
  await person.client.core.apiKeys.delete.mutate({ id })
  await newKey(person)
})

test('no secret of a key stands in any table or in the log in clear', async () => {
  const secrets: string[] = []
  for (const signed of [false, true]) {
    const key = await newKey(owner, { scopes, signed })
    secrets.push(key.secret, (await rotate(key.id)).secret)
    await sendSigned(app, key, { path: PATH })
    await ask(key.secret)
  }
  for (const { name } of await schemaOf(app.db)) {
    const { rows } = await app.db.transaction((trx) => sql`select * from ${sql.table(name)}`.execute(trx))
    const text = JSON.stringify(rows)
    expect({ name, found: secrets.filter((secret) => text.includes(secret)) }).toEqual({ name, found: [] })
  }
  const logged = JSON.stringify(app.logged)
  expect(secrets.filter((secret) => logged.includes(secret))).toEqual([])
})

test('what ended is told so for a week and then forgotten; nonces go once their signature is too old', async () => {
  const [revoked, expired, rotated] = [
    await newKey(owner, { scopes }),
    await newKey(owner, { scopes, expiresAt: later(1000) }),
    await newKey(owner, { scopes, signed: true }),
  ]
  await owner.client.core.apiKeys.delete.mutate({ id: revoked.id })
  await rotate(rotated.id, { overlapSeconds: 1 })
  await sendSigned(app, rotated, { path: PATH })
  const signal = AbortSignal.timeout(30_000)
  const purge = () => purgeApiKeys({ db: app.db }, app.clock.now(), signal)
  const count = async (table: 'api_keys' | 'api_key_secrets' | 'api_key_nonces') =>
    (
      await app.db
        .as<CoreDb>()
        .read.selectFrom(table)
        .select('key_id' as never)
        .execute()
    ).length
  const counts = async () => [await count('api_key_secrets'), await count('api_key_nonces')]
  app.clock.advance(15 * 60_000 - 1000)
  await purge()
  expect(await counts()).toEqual([4, 1])
  app.clock.advance(2000)
  await purge()
  expect(await counts()).toEqual([4, 0])
  expect(await ask(expired.secret)).toEqual([401, 'KEY_EXPIRED'])
  app.clock.advance(7 * DAY)
  await purge()
  expect(await counts()).toEqual([1, 0])
  expect([await ask(revoked.secret), await ask(expired.secret), await ask(rotated.secret)]).toEqual([
    [401, 'KEY_UNKNOWN'],
    [401, 'KEY_UNKNOWN'],
    [401, 'KEY_UNKNOWN'],
  ])
})
