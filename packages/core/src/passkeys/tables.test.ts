import type { Database } from '@plinth/db'
import { violation } from '@plinth/db'
import { plansOf } from '@plinth/db/testing'
import { newId } from '@plinth/kit'
import { type TestApp, testApp } from '@plinth/testing'
import { testAuthenticator } from '@plinth/testing/outside'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FACTOR_ENV, PAGE, type WithTotp, withTotp } from '../../test/factors.ts'
import { NEW_USER } from '../accounts/queries.ts'
import type { CoreDb } from '../db.ts'
import { purgeFactors } from '../second-factors/purge.ts'

const MANY = 3000
const CHUNK = 300
const NOW = new Date('2026-11-21T09:30:00.000Z')
const at = NOW.toISOString()
const written = { created_at: at, updated_at: at, created_by: 'system', updated_by: 'system' }

let app: TestApp
let db: Database<CoreDb>
let user: WithTotp
let authenticator: ReturnType<typeof testAuthenticator>

const passkeyOf = (userId: string, credentialId: string) => ({
  id: newId('psk', NOW),
  user_id: userId,
  credential_id: credentialId,
  public_key: 'AA',
  counter: 0,
  name: 'Key',
  transports: null,
  aaguid: '',
  synced: false,
  backed_up: false,
  ...written,
  last_used_at: null,
  suspended_at: null,
})

const fill = async (start: number): Promise<void> => {
  const people = Array.from({ length: CHUNK }, (_, index) => ({
    id: newId('usr', NOW),
    number: start + index,
  }))
  const users = people.map(({ id, number }) => ({
    id,
    email: `person-${number}@example.com`,
    email_verified_at: null,
    name: 'Person',
    ...NEW_USER,
    folded_text: 'person',
    locale: 'en',
    time_zone: 'UTC',
    role: 'user',
    password_hash: '$argon2id$none',
    ...written,
  }))
  const apps = people.map(({ id }) => ({
    user_id: id,
    secret: 'v1.none',
    created_at: at,
    confirmed_at: at,
    last_step: 1,
  }))
  const codes = people.map(({ id, number }) => ({
    user_id: id,
    hash: String(number).padStart(64, '0'),
    created_at: at,
    used_at: null,
  }))
  const challenges = people.map(({ number }) => ({
    hash: `challenge-${number}`,
    purpose: 'register' as const,
    login_id: `lgn_${number}`,
    created_at: at,
    expires_at: '2027-11-21T09:30:00.000Z',
  }))
  await db.transaction(async (trx) => {
    await trx.insertInto('users').values(users).execute()
    await trx.insertInto('totp_factors').values(apps).execute()
    await trx.insertInto('recovery_codes').values(codes).execute()
    await trx.insertInto('passkey_challenges').values(challenges).execute()
    await trx
      .insertInto('passkeys')
      .values(people.map(({ id, number }) => passkeyOf(id, `credential-${number}`)))
      .execute()
  })
}

beforeAll(async () => {
  app = await testApp({ env: FACTOR_ENV })
  db = app.db.as<CoreDb>()
  user = await withTotp(app)
  const { passkeys } = user.client.core
  authenticator = testAuthenticator({ origin: PAGE })
  await passkeys.register.mutate({
    credential: authenticator.create(await passkeys.registrationOptions.mutate()),
  })
  for (let start = 0; start < MANY; start += CHUNK) await fill(start)
  await db.transaction((trx) => sql`analyze`.execute(trx))
})
afterAll(() => app[Symbol.asyncDispose]())

const calls: Record<string, () => Promise<unknown>> = {
  'signing in with a code': async () => {
    app.clock.advance(30_000)
    const { email, password } = user
    await app.client.core.sessions.login.mutate({ email, password, secondFactor: { code: user.code() } })
  },
  'signing in with a recovery code': async () => {
    const { email, password } = user
    const recoveryCode = user.recoveryCodes[0] ?? ''
    await app.client.core.sessions.login.mutate({ email, password, secondFactor: { recoveryCode } })
  },
  'signing in with a passkey': async () => {
    const { passkeys } = app.client.core
    await passkeys.signIn.mutate({ credential: authenticator.get(await passkeys.signInOptions.mutate()) })
  },
  'the state of the second factors': () => user.client.core.secondFactors.get.query(),
  'the own passkeys': () => user.client.core.passkeys.list.query({}),
  'the options to make one, and to prove': async () => {
    await user.client.core.passkeys.registrationOptions.mutate()
    await user.client.core.passkeys.proofOptions.mutate()
  },
}

test.each(Object.entries(calls))('%s reads no table in full, however many there are', async (_, call) => {
  const plans = await plansOf(db, call)
  expect(plans.length).toBeGreaterThan(0)
  for (const { scans, text } of plans) expect(scans, text).toEqual([])
})

const refusedBy = (table: 'passkeys' | 'totp_factors' | 'passkey_challenges', bad: object) =>
  db
    .transaction((trx) => trx.updateTable(table).set(bad).execute())
    .then(
      () => null,
      (error: unknown) => violation(error)?.kind ?? null,
    )

test.each([
  ['passkeys', { counter: -1 }],
  ['passkeys', { counter: 2 ** 32 }],
  ['passkeys', { name: '' }],
  ['passkeys', { synced: false, backed_up: true }],
  ['passkey_challenges', { purpose: 'anything' }],
  ['passkey_challenges', { login_id: null }],
  ['totp_factors', { last_step: null }],
  ['totp_factors', { secret: 'JBSWY3DPEHPK3PXP' }],
] as const)('the database itself refuses in %s: %j', async (table, bad) => {
  expect(await refusedBy(table, bad)).toBe('check')
})

test('with an account go its app, its recovery codes and its passkeys', async () => {
  const { account } = await withTotp(app)
  await db.transaction((trx) => trx.insertInto('passkeys').values(passkeyOf(account.id, 'going')).execute())
  await db.transaction((trx) => trx.deleteFrom('users').where('id', '=', account.id).execute())
  for (const table of ['totp_factors', 'recovery_codes', 'passkeys'] as const)
    expect(
      await db.read.selectFrom(table).select('user_id').where('user_id', '=', account.id).execute(),
    ).toEqual([])
})

test('challenges that expired are deleted, and others are kept', async () => {
  await app.client.core.passkeys.signInOptions.mutate()
  const rest = { purpose: 'sign-in', login_id: null, created_at: at } as const
  const [old, fresh] = ['2026-11-20T09:30:00.000Z', '2028-11-21T09:30:00.000Z']
  await db.transaction((trx) =>
    trx
      .insertInto('passkey_challenges')
      .values([
        { hash: 'old', ...rest, created_at: old, expires_at: at },
        { hash: 'fresh', ...rest, expires_at: fresh },
      ])
      .execute(),
  )
  const rule = { failures: 1, windowMs: 1, lockMs: 1 }
  const settings = { issuer: '', enrolmentMs: 1, attempts: { perNetwork: rule, perAccount: rule } }
  await purgeFactors(app.db, settings).run(new Date('2027-12-01T09:30:00.000Z'), new AbortController().signal)
  expect(await db.read.selectFrom('passkey_challenges').select('hash').execute()).toEqual([{ hash: 'fresh' }])
})
