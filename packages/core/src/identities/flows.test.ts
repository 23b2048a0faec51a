import { schemaOf } from '@plinth/db'
import { testApp } from '@plinth/testing'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { tally } from '../../test/factors.ts'
import { type SocialApp, socialApp } from '../../test/social.ts'
import type { CoreDb } from '../db.ts'
import { purgeFlows } from './purge.ts'

const MINUTE = 60_000

let social: SocialApp
beforeAll(async () => {
  social = await socialApp({
    PLINTH_OUTSIDE_TIMEOUT_MS: '500',
    // What is tested here is one failure after the other, and not what follows from many.
    PLINTH_OUTSIDE_MINIMUM_CALLS: '1000',
  })
})
afterAll(() => social[Symbol.asyncDispose]())
afterEach(() => social.provider.misbehaves.clear())

const read = () => social.app.db.as<CoreDb>().read
const exchanges = () => social.provider.asked.filter((path) => path === '/token').length
const written = async () => {
  const count = async (table: 'users' | 'identities' | 'logins') =>
    (await read().selectFrom(table).select('id').execute()).length
  return { users: await count('users'), identities: await count('identities'), logins: await count('logins') }
}

test('the state of another browser is of no use, be it stolen or foisted', async () => {
  const [victim, attacker] = [await social.callback(social.person()), await social.callback(social.person())]
  const { flowToken: _, ...stolen } = victim
  const before = exchanges()
  for (const tried of [
    stolen,
    { ...stolen, flowToken: attacker.flowToken },
    { ...stolen, flowToken: 'plf_x' },
  ])
    expect(await social.complete('google', tried)).toMatchObject({ status: 404, code: 'STATE_UNKNOWN' })
  expect(exchanges()).toBe(before)
  expect(await social.complete('google', victim)).toMatchObject({ status: 200 })
})

test('a state that was never given out, or of another provider, is unknown', async () => {
  const callback = await social.callback(social.person())
  expect(await social.complete('google', { ...callback, state: 'plo_made_up' })).toMatchObject({
    code: 'STATE_UNKNOWN',
  })
  expect(await social.complete('github', callback)).toMatchObject({ code: 'STATE_UNKNOWN' })
})

test('a callback is good once', async () => {
  const callback = await social.callback(social.person())
  expect(await social.complete('google', callback)).toMatchObject({ status: 200 })
  const before = exchanges()
  expect(await social.complete('google', callback)).toMatchObject({ status: 404, code: 'STATE_UNKNOWN' })
  expect(exchanges()).toBe(before)
})

test('of 50 who bring one callback at the same time one is signed in, and the provider is asked once', async () => {
  const callback = await social.callback(social.person())
  const before = exchanges()
  const answers = await Promise.all(Array.from({ length: 50 }, () => social.complete('google', callback)))
  expect(tally(answers.map(({ code }) => code))).toEqual({ done: 1, STATE_UNKNOWN: 49 })
  expect(exchanges()).toBe(before + 1)
})

test('a sign-in that took too long is told so, and in the end forgotten', async () => {
  const [callback, other] = [await social.callback(social.person()), await social.callback(social.person())]
  social.app.clock.advance(10 * MINUTE)
  expect(await social.complete('google', callback)).toMatchObject({ status: 410, code: 'STATE_EXPIRED' })
  const purge = () => purgeFlows(social.app.db).run(social.app.clock.now(), AbortSignal.timeout(5000))
  await purge()
  expect(await social.complete('google', other)).toMatchObject({ code: 'STATE_EXPIRED' })
  social.app.clock.advance(60 * MINUTE)
  await purge()
  expect(await read().selectFrom('provider_flows').selectAll().execute()).toEqual([])
})

test('who says no at the provider is not signed in, and may begin again', async () => {
  const person = social.person()
  social.provider.misbehaves.add('refuses')
  const callback = await social.callback(person)
  expect(callback.error).toBe('access_denied')
  const before = await written()
  expect(await social.complete('google', callback)).toMatchObject({ status: 403, code: 'PROVIDER_REFUSED' })
  expect(await written()).toEqual(before)
  social.provider.misbehaves.clear()
  expect(await social.signIn(person)).toMatchObject({ status: 200 })
})

test('a code of another sign-in is refused by the provider: it does not fit the verifier', async () => {
  const [mine, theirs] = [await social.callback(social.person()), await social.callback(social.person())]
  const before = await written()
  const mixed = { ...mine, code: theirs.code }
  expect(await social.complete('google', mixed)).toMatchObject({ status: 401, code: 'CODE_REFUSED' })
  expect(await written()).toEqual(before)
})

describe.each([
  ['google', undefined],
  ['github', 'error-with-200'],
  ['facebook', 'facebook-error'],
] as const)('as %s says it', (dialect, words) => {
  test('a code that is not known is refused', async () => {
    if (words !== undefined) social.provider.misbehaves.add(words)
    const callback = await social.callback(social.person(), { dialect })
    const before = await written()
    expect(await social.complete(dialect, { ...callback, code: 'made-up' })).toMatchObject({
      status: 401,
      code: 'CODE_REFUSED',
    })
    expect(await written()).toEqual(before)
  })
})

test.each(['other-nonce', 'other-audience', 'other-issuer', 'expired', 'forged', 'unsigned'] as const)(
  'an ID token that is %s is not believed',
  async (fault) => {
    social.provider.misbehaves.add(fault)
    const before = await written()
    expect(await social.signIn(social.person())).toMatchObject({ status: 401, code: 'CODE_REFUSED' })
    expect(await written()).toEqual(before)
    const reasons = social.app.logged.filter(({ msg }) => msg === 'sign-in not confirmed by provider')
    expect(reasons.at(-1)).toMatchObject({ provider: 'google', reason: expect.stringContaining('ID token') })
  },
)

test.each(['down', 'silent', 'garbage', 'endless', 'knows-us-not'] as const)(
  'a provider that is %s leaves nothing half done, and the sign-in can be begun anew',
  async (fault) => {
    const person = social.person()
    for (const dialect of ['google', 'github', 'facebook'] as const) {
      const callback = await social.callback(person, { dialect })
      const before = await written()
      social.provider.misbehaves.add(fault)
      const answer = await social.complete(dialect, callback)
      expect(answer).toMatchObject({ status: 503, code: 'UNAVAILABLE' })
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      social.provider.misbehaves.clear()
      expect(await written()).toEqual(before)
      expect(await social.complete(dialect, callback)).toMatchObject({ code: 'STATE_UNKNOWN' })
    }
    expect(await social.signIn(person)).toMatchObject({ status: 200 })
  },
)

test('no secret of a sign-in stands in any table or in the log', async () => {
  const { app, provider } = social
  const { begin } = app.client.core.identities
  const begun = await begin.mutate({ provider: 'google', returnTo: '/orders' })
  const person = social.person({ email: null })
  const back = await provider.visit(begun.url, person)
  // Waits for an address, so that there is a row with all that one can hold.
  expect(await social.complete('google', { ...back, flowToken: begun.flowToken })).toMatchObject({
    code: 'EMAIL_MISSING',
  })
  await social.signIn(social.person(), 'github')
  const nonce = new URL(begun.url).searchParams.get('nonce') ?? ''
  const secrets = [...provider.secrets, begun.state, begun.flowToken ?? '', nonce, person.subject].filter(
    Boolean,
  )
  expect(secrets.length).toBeGreaterThan(8)
  const tables = (await schemaOf(app.db)).map(({ name }) => name)
  expect(tables).toEqual(expect.arrayContaining(['identities', 'provider_flows', 'audit_log', 'outbox']))
  await app.db.transaction(async (trx) => {
    for (const table of tables) {
      const { rows } = await sql`select * from ${sql.table(table)}`.execute(trx)
      const text = JSON.stringify(rows)
      expect({ table, found: secrets.filter((secret) => text.includes(secret)) }).toEqual({
        table,
        found: [],
      })
    }
  })
  const log = JSON.stringify(app.logged)
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([])
})

test('a provider without an application here is off, whatever is asked of it', async () => {
  await using none = await testApp()
  const { identities } = none.client.core
  expect((await identities.listProviders.query()).items).toEqual([])
  const callback = { provider: 'github' as const, state: 'plo_x', flowToken: 'plf_x', code: 'x' }
  const off = { data: { code: 'PROVIDER_OFF', httpStatus: 404 } }
  await expect(identities.begin.mutate({ provider: 'github' })).rejects.toMatchObject(off)
  await expect(identities.complete.mutate(callback)).rejects.toMatchObject(off)
})
