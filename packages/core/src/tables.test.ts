import { migrate, rollback, violation } from '@plinth/db'
import { testDatabase } from '@plinth/db/testing'
import { kitMigrations } from '@plinth/kit'
import { createFakeClock } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { plainLogin } from '../test/rows.ts'
import { type CoreDb, coreMigrations, createAccount } from './index.ts'
import { purgeIdentity } from './purge.ts'

const migrations = { ...kitMigrations, ...coreMigrations }
const clock = createFakeClock(new Date('2026-11-21T09:30:00.000Z'))
const passwordHash = { memoryCost: 64, timeCost: 1, parallelism: 1 }

let db: Awaited<ReturnType<typeof testDatabase<CoreDb>>>
beforeAll(async () => {
  db = await testDatabase<CoreDb>(migrations)
})
afterAll(() => db[Symbol.asyncDispose]())

const make = (email: string) =>
  db.transaction((trx) =>
    createAccount(
      trx,
      { email, password: 'correct horse battery', name: 'Ada', role: 'user', verified: true },
      { clock, passwordHash },
    ),
  )

const login = (id: string, userId: string, expiresAt: string) => ({
  id,
  user_id: userId,
  ...plainLogin('2026-11-14T09:30:00.000Z', expiresAt),
})

const session = (id: string, userId: string, loginId: string, expiresAt: string) => ({
  id,
  user_id: userId,
  login_id: loginId,
  created_at: '2026-11-21T09:30:00.000Z',
  expires_at: expiresAt,
  ended_at: null,
})

const refusedBy = async (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => violation(error)?.kind ?? null,
  )

test('an account made twice is one account', async () => {
  expect(await make('Twice@example.com')).toBe(await make('twice@example.com'))
})

test.each([
  [{ state: 'lost' }],
  [{ portal: 'moon' }],
  [{ email: 'Upper@example.com' }],
  [{ email: 'nothing' }],
  [{ name: '' }],
  [{ password_hash: 'a password in clear' }],
])('the database itself refuses a user with %j', async (bad) => {
  const id = await make('checked@example.com')
  const write = db.transaction((trx) =>
    trx
      .updateTable('users')
      .set(bad as { name: string })
      .where('id', '=', id)
      .execute(),
  )
  expect(await refusedBy(write)).toBe('check')
})

test('a login without its user is refused, and goes with its user', async () => {
  const until = '2026-12-21T09:30:00.000Z'
  const insert = (id: string, userId: string) =>
    db.transaction(async (trx) => {
      await trx
        .insertInto('logins')
        .values(login(id, userId, until))
        .execute()
      await trx
        .insertInto('sessions')
        .values(session(`session of ${id}`, userId, id, until))
        .execute()
    })
  expect(await refusedBy(insert('lgn_dangling', 'usr_nobody'))).toBe('foreign-key')
  const userId = await make('leaving@example.com')
  await insert('lgn_leaving', userId)
  await db.transaction((trx) => trx.deleteFrom('users').where('id', '=', userId).execute())
  const left = await db.read.selectFrom('sessions').select('id').where('user_id', '=', userId).execute()
  expect(left).toEqual([])
})

test('what expired a week ago is deleted, what expired later is kept, and so is the newest token of a login', async () => {
  const userId = await make('purged@example.com')
  const [old, recent] = ['2026-11-14T09:30:00.000Z', '2026-11-14T09:30:00.001Z']
  await db.transaction(async (trx) => {
    await trx
      .insertInto('logins')
      .values([login('lgn_old', userId, old), login('lgn_recent', userId, recent)])
      .execute()
    await trx
      .insertInto('sessions')
      .values([
        session('of an old login', userId, 'lgn_old', old),
        session('newest', userId, 'lgn_recent', old),
        { ...session('replaced', userId, 'lgn_recent', old), ended_at: old },
        { ...session('replaced lately', userId, 'lgn_recent', recent), ended_at: old },
      ])
      .execute()
    await purgeIdentity(trx, clock.now())
  })
  expect(await db.read.selectFrom('logins').select('id').where('user_id', '=', userId).execute()).toEqual([
    { id: 'lgn_recent' },
  ])
  const sessions = await db.read.selectFrom('sessions').select('id').where('user_id', '=', userId).execute()
  expect(sessions.map(({ id }) => id).toSorted()).toEqual(['newest', 'replaced lately'])
})

test('every migration can be taken back and applied again', async () => {
  await using fresh = await testDatabase<CoreDb>(migrations)
  const names = Object.keys(migrations).toSorted()
  expect(await rollback(fresh, migrations, 'all')).toEqual(names.toReversed())
  expect(await migrate(fresh, migrations)).toEqual(names)
})
