import type { WriteDb } from '@plinth/db'
import { verifyInvariants } from '@plinth/kit'
import { testApp } from '@plinth/testing'
import { expect, test } from 'vitest'
import { allInvariants } from './systems.ts'

type AnyTable = Record<string, string | number | null>
type Tables = Record<
  | 'users'
  | 'logins'
  | 'sessions'
  | 'refresh_tokens'
  | 'email_verifications'
  | 'api_keys'
  | 'portal_profiles'
  | 'roles'
  | 'products'
  | 'categories'
  | 'jobs'
  | 'outbox'
  | 'audit_log',
  AnyTable
>
type Trx = WriteDb<Tables>

const LONG_AGO = '2020-01-01T00:00:00.000Z'
const NEVER = '2999-01-01T00:00:00.000Z'
const by = { created_at: LONG_AGO, updated_at: LONG_AGO, created_by: 'x', updated_by: 'x' }
const category = (id: string, parent: string | null, deleted: string | null = null) => ({
  id,
  parent_id: parent,
  slug: id,
  name: id,
  folded_name: id,
  description: '',
  deleted_at: deleted,
  ...by,
})

/** How each is broken: past the handlers, as a fault of the program would. */
const breakers: Readonly<Record<string, (trx: Trx) => Promise<unknown>>> = {
  'outbox.delivered': (trx) =>
    trx
      .insertInto('outbox')
      .values({ id: 'evt_1', type: 'x', payload: '{}', created_at: LONG_AGO, dispatched_at: null })
      .execute(),
  'audit_log.code': (trx) =>
    trx
      .insertInto('audit_log')
      .values({ id: 'aud_1', at: LONG_AGO, action: 'x', outcome: 'done', code: 'FORBIDDEN', request_id: 'r' })
      .execute(),
  'jobs.run': (trx) =>
    trx
      .insertInto('jobs')
      .values({
        id: 'job_1',
        name: 'x',
        payload: '{}',
        state: 'ready',
        run_at: LONG_AGO,
        attempts: 0,
        max_attempts: 1,
        created_at: LONG_AGO,
      })
      .execute(),
  'sessions.user': (trx) => swapUsers(trx, 'sessions'),
  'refresh_tokens.user': (trx) => swapUsers(trx, 'refresh_tokens'),
  'api_keys.secret': async (trx) => {
    const { id } = await trx.selectFrom('users').select('id').limit(1).executeTakeFirstOrThrow()
    const key = { id: 'key_1', user_id: id ?? '', name: 'x', scopes: 'tags:read', per_minute: 1, burst: 0 }
    await trx
      .insertInto('api_keys')
      .values({ ...key, ...by, signed: false as never, expires_at: NEVER })
      .execute()
  },
  'logins.expiry': (trx) => trx.updateTable('logins').set({ expires_at: LONG_AGO }).execute(),
  'roles.rights': (trx) => trx.updateTable('roles').set({ rights: 'jobs:read' }).execute(),
  'portal_profiles.portal': async (trx) => {
    const { id } = await trx.selectFrom('users').select('id').limit(1).executeTakeFirstOrThrow()
    const by = { created_at: NEVER, updated_at: NEVER, created_by: 'system', updated_by: 'system' }
    await trx
      .insertInto('portal_profiles')
      .values({ user_id: id ?? '', organization: 'x', image_key: null, image_type: null, ...by })
      .execute()
  },
  'email_verifications.user': async (trx) => {
    const { id } = await trx.selectFrom('users').select('id').limit(1).executeTakeFirstOrThrow()
    const at = { created_at: NEVER, expires_at: NEVER, used_at: LONG_AGO }
    await trx
      .insertInto('email_verifications')
      .values({ hash: 'h', user_id: id ?? '', email: 'a@b.c', ...at })
      .execute()
  },
  'products.words': (trx) => trx.updateTable('products').set({ folded_name: 'other' }).execute(),
  'products.category': async (trx) => {
    await trx
      .insertInto('categories')
      .values(category('gone', null, LONG_AGO))
      .execute()
    await trx.updateTable('products').set({ category_id: 'gone' }).execute()
  },
  'categories.tree': async (trx) => {
    await trx.insertInto('categories').values(category('a', null)).execute()
    await trx.insertInto('categories').values(category('b', 'a')).execute()
    await trx.updateTable('categories').set({ parent_id: 'b' }).where('id', '=', 'a').execute()
  },
  'categories.parent': async (trx) => {
    await trx
      .insertInto('categories')
      .values(category('old', null, LONG_AGO))
      .execute()
    await trx.insertInto('categories').values(category('young', 'old')).execute()
  },
}

/** What the database itself refuses, so that it can't be broken from here; `references` has a test of its own. */
const guarded: Readonly<Record<string, ((trx: Trx) => Promise<unknown>) | null>> = {
  references: null,
  'users.email': (trx) => trx.updateTable('users').set({ email: 'UPPER@EXAMPLE.COM' }).execute(),
  'products.amounts': (trx) => trx.updateTable('products').set({ stock: -1 }).execute(),
}

const swapUsers = async (trx: Trx, table: 'sessions' | 'refresh_tokens') => {
  const [first, second] = await trx.selectFrom('users').select('id').orderBy('id').limit(2).execute()
  await trx
    .updateTable(table)
    .set({ user_id: second?.id ?? '' })
    .where('user_id', '=', first?.id ?? '')
    .execute()
}

test('every invariant can be broken here, or is one that the database guards too', () => {
  const known = allInvariants().map(({ name }) => name)
  expect(known.toSorted()).toEqual([...Object.keys(breakers), ...Object.keys(guarded)].sort())
})

test('each invariant finds what breaks it, and no other complains', { timeout: 120_000 }, async () => {
  await using app = await testApp()
  await app.as('user')
  const { client } = await app.as('manager')
  await client.commerce.products.create.mutate({
    name: 'Lamp',
    description: '',
    price: { amount: 100, currency: 'EUR' },
    stock: 1,
  })
  const now = app.clock.now()
  const broken = async () =>
    (await verifyInvariants(app.db, allInvariants(), { now, most: 5 }))
      .filter(({ breaches }) => breaches.length > 0)
      .map(({ name }) => name)
  expect(await broken()).toEqual([])
  const seen: string[] = []
  for (const [name, damage] of Object.entries(breakers)) {
    await app.db.as<Tables>().transaction((trx) => damage(trx))
    seen.push(name)
    expect((await broken()).toSorted()).toEqual(seen.toSorted())
  }
  for (const damage of Object.values(guarded))
    if (damage) await expect(app.db.as<Tables>().transaction((trx) => damage(trx))).rejects.toThrow()
})

test('an invariant that can not be checked is told by its name', async () => {
  await using app = await testApp()
  const failing = { name: 'x.y', says: 'x', find: () => Promise.reject(new Error('no such table')) }
  await expect(verifyInvariants(app.db, [failing], { now: app.clock.now(), most: 1 })).rejects.toThrow(
    'the invariant x.y could not be checked: no such table',
  )
})
