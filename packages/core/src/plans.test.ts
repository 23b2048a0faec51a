import { type Database, json } from '@plinth/db'
import { plansOf } from '@plinth/db/testing'
import { newId } from '@plinth/kit'
import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plainLogin } from '../test/rows.ts'
import { NEW_USER } from './accounts/queries.ts'
import type { CoreDb } from './db.ts'

const MANY = 3000
const CHUNK = 500
const NOW = new Date('2026-11-21T09:30:00.000Z')
const at = NOW.toISOString()
const later = '2027-11-21T09:30:00.000Z'

let app: TestApp
let db: Database<CoreDb>
let admin: TestActor

const fill = async (start: number): Promise<void> => {
  const numbers = Array.from({ length: CHUNK }, (_, index) => start + index)
  const people = numbers.map((number) => ({ number, user: newId('usr', NOW), login: newId('lgn', NOW) }))
  const written = { created_at: at, updated_at: at, created_by: 'system', updated_by: 'system' }
  const users = people.map(({ number, user }) => ({
    id: user,
    email: `person-${number}@example.com`,
    email_verified_at: null,
    name: `Person ${number}`,
    ...NEW_USER,
    folded_text: `person ${number}`,
    locale: 'en',
    time_zone: 'UTC',
    role: 'user' as const,
    password_hash: '$argon2id$none',
    ...written,
  }))
  const logins = people.map(({ user, login }) => ({ id: login, user_id: user, ...plainLogin(at, later) }))
  const sessions = people.map(({ number, user, login }) => ({
    id: `session-${number}`,
    user_id: user,
    login_id: login,
    created_at: at,
    expires_at: later,
    ended_at: null,
  }))
  const entries = people.map(({ number, user }) => ({
    id: newId('aud', NOW),
    at,
    actor_id: user,
    impersonated_by: null,
    action: `core.things.verb${number % 40}`,
    target: null,
    outcome: 'done' as const,
    code: null,
    address: null,
    user_agent: null,
    request_id: `request-${number}`,
  }))
  await db.transaction(async (trx) => {
    await trx.insertInto('users').values(users).execute()
    await trx.insertInto('logins').values(logins).execute()
    await trx.insertInto('sessions').values(sessions).execute()
    await trx.insertInto('audit_log').values(entries).execute()
  })
}

let keySecret = ''
const fillKeys = async (): Promise<void> => {
  const { id, secret } = await admin.client.core.apiKeys.create.mutate({
    name: 'Plans',
    scopes: ['accounts:read'],
  })
  keySecret = secret
  const key = await db.read.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const keys = Array.from({ length: MANY }, () => ({ ...key, id: newId('key', NOW) }))
  const secrets = keys.map((each) => ({
    hash: each.id.padStart(64, '0'),
    key_id: each.id,
    sealed: null,
    created_at: at,
    ends_at: null,
  }))
  await db.transaction(async (trx) => {
    for (let start = 0; start < MANY; start += CHUNK) {
      await trx
        .insertInto('api_keys')
        .values(keys.slice(start, start + CHUNK))
        .execute()
      await trx
        .insertInto('api_key_secrets')
        .values(secrets.slice(start, start + CHUNK))
        .execute()
    }
  })
}

let webhookId = ''
const fillDeliveries = async (): Promise<void> => {
  const { webhooks } = admin.client.core
  const urls = ['https://a.example/', 'https://b.example/', 'https://c.example/']
  const made = await Promise.all(urls.map((url) => webhooks.create.mutate({ url, events: ['*'] })))
  const ids = made.map(({ id }) => id)
  webhookId = ids[0] ?? ''
  const rows = Array.from({ length: MANY }, (_, index) => ({
    id: newId('whd', NOW),
    webhook_id: ids[index % ids.length] ?? '',
    event_id: newId('evt', NOW),
    event_type: 'accounts.registered',
    payload: '{}',
    state: 'delivered' as const,
    attempts: 1,
    retries: 0,
    next_attempt_at: null,
    created_at: at,
    finished_at: at,
  }))
  await db.transaction(async (trx) => {
    for (let start = 0; start < MANY; start += CHUNK)
      await trx
        .insertInto('webhook_deliveries')
        .values(rows.slice(start, start + CHUNK))
        .execute()
  })
}

const fillRequests = async (): Promise<void> => {
  const rows = Array.from({ length: MANY }, (_, index) => ({
    id: newId('req', NOW),
    at,
    request_id: `request-${index}`,
    method: 'GET',
    route: `core.things.verb${index % 40}`,
    path: '/api/v1/things',
    address: `203.0.113.${index % 200}`,
    country: 'unknown',
    region: 'unknown',
    status: 200 + (index % 300),
    duration_ms: 1,
    received: 0,
    sent: 0,
    user_id: index % 10 === 0 ? admin.account.id : newId('usr', NOW),
    user_agent: null,
    fingerprint: `fingerprint-${index % 100}`,
    client: 'unknown' as const,
    bot_confidence: 'low' as const,
    signs: json([]),
    body: null,
  }))
  const bans = Array.from({ length: MANY }, (_, index) => ({
    id: newId('ban', NOW),
    network: `203.0.113.${index % 200}`,
    kind: 'ban' as const,
    cause: 'offences' as const,
    reason: 'trap 2',
    step: 1,
    ends_at: later,
    created_at: at,
    created_by: null,
    lifted_at: null,
    lifted_by: null,
    changed_at: at,
  }))
  await db.transaction(async (trx) => {
    for (let start = 0; start < MANY; start += CHUNK) {
      await trx
        .insertInto('requests')
        .values(rows.slice(start, start + CHUNK))
        .execute()
      await trx
        .insertInto('bans')
        .values(bans.slice(start, start + CHUNK))
        .execute()
    }
  })
}

beforeAll(async () => {
  app = await testApp()
  db = app.db.as<CoreDb>()
  admin = await app.as('admin')
  for (let start = 0; start < MANY; start += CHUNK) await fill(start)
  await fillDeliveries()
  await fillKeys()
  await fillRequests()
  await db.transaction((trx) => sql`analyze`.execute(trx))
})
afterAll(() => app[Symbol.asyncDispose]())

const calls: Record<string, () => Promise<unknown>> = {
  'signing in': () => app.client.core.sessions.login.mutate({ email: admin.email, password: admin.password }),
  'a wrong code': () =>
    app.client.core.passwords.reset
      .mutate({ email: 'person-8@example.com', code: '000000', newPassword: 'an even longer phrase 8' })
      .catch(() => undefined),
  'any signed-in call, and the own profile': () => admin.client.core.accounts.get.query(),
  'any call with an API key': () =>
    app.clientWith({ authorization: `Bearer ${keySecret}` }).core.accounts.get.query(),
  'API keys': () => admin.client.core.apiKeys.list.query({}),
  'the own logins': () => admin.client.core.sessions.list.query({}),
  'the audit log, newest first': () => admin.client.core.auditEntries.list.query({}),
  'the audit log of one actor': () =>
    admin.client.core.auditEntries.list.query({ actorId: admin.account.id }),
  'deliveries of webhooks': () => admin.client.core.webhookDeliveries.list.query({}),
  'deliveries of one webhook': () => admin.client.core.webhookDeliveries.list.query({ webhookId }),
  'deliveries that were given up': () => admin.client.core.webhookDeliveries.list.query({ state: 'dead' }),
  'deliveries of one event': () =>
    admin.client.core.webhookDeliveries.list.query({ eventId: 'evt_01jd7m3x5sfa9v8k2cq4w6y8ze' }),
  'logged requests of an address': () =>
    admin.client.core.requests.list.query({ address: '203.0.113.7', at: { gte: at } }),
  'logged requests of a user': () => admin.client.core.requests.list.query({ userId: admin.account.id }),
  'logged requests of a route': () => admin.client.core.requests.list.query({ route: 'core.things.verb7' }),
  'logged requests with a status': () => admin.client.core.requests.list.query({ status: { eq: 429 } }),
  'logged requests of a client': () =>
    admin.client.core.requests.list.query({ fingerprint: 'fingerprint-7' }),
  'logged requests of a time': () => admin.client.core.requests.list.query({ at: { gte: at, lte: later } }),
  'bans of an address': () => admin.client.core.bans.list.query({ address: '203.0.113.7' }),
  'the audit log of one action': () =>
    admin.client.core.auditEntries.list.query({ action: 'core.things.verb7' }),
}

test.each(Object.entries(calls))(
  '%s reads no table in full, however many accounts there are',
  async (_name, call) => {
    const plans = await plansOf(db, call)
    expect(plans.length).toBeGreaterThan(0)
    for (const { scans, text } of plans) expect(scans, text).toEqual([])
  },
)
