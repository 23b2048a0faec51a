import { type Kysely, sql } from 'kysely'
import { expect, test } from 'vitest'
import { createDb, createReadDb, readRows } from './database.ts'
import { isUnavailable } from './errors.ts'
import { type CounterTables, counterMigrations } from './testing/counters.ts'
import { testServerUrl } from './testing.ts'

test('a handle that reads alone is refused every write by the server, in a transaction as outside of one', async () => {
  const { url, dispose } = await testServerUrl(counterMigrations)
  const db = await createDb<CounterTables>({ url })
  const reader = await createReadDb<CounterTables>({ url })
  await db.transaction((trx) => trx.insertInto('counters').values({ id: 'a', count: 1 }).execute())
  expect(await reader.read.selectFrom('counters').select('count').execute()).toEqual([{ count: 1 }])
  // Past the types, which have no write.
  const remove = (handle: unknown) => sql`delete from counters`.execute(handle as Kysely<CounterTables>)
  await expect(remove(reader.read)).rejects.toThrow('read-only transaction')
  await expect(reader.read.transaction().execute(remove)).rejects.toThrow('read-only transaction')
  expect(reader.stats().open).toBeGreaterThan(0)
  await reader.close()
  await db.close()
  await dispose()
})

test('a read that a standby ends to catch up with its primary counts as one that it was away for', async () => {
  const { url, dispose } = await testServerUrl(counterMigrations)
  const db = await createDb({ url })
  const conflict = sql.raw(`create function caught_up() returns int language plpgsql as
    $$ begin raise exception using errcode = '40001'; end $$`)
  await db.transaction((trx) => conflict.execute(trx))
  const reader = await createReadDb({ url })
  const failure = await readRows(reader.read, sql`select caught_up()`).catch((error: unknown) => error)
  expect(isUnavailable(failure)).toBe(true)
  await reader.close()
  await db.close()
  await dispose()
})

test('a database for reading alone is opened while it is away, and is of a server', async () => {
  const reader = await createReadDb<CounterTables>({
    url: 'postgres://nobody@127.0.0.1:1/a',
    pool: { min: 5 },
  })
  const failure = await reader.read
    .selectFrom('counters')
    .select('count')
    .execute()
    .catch((error: unknown) => error)
  expect(isUnavailable(failure)).toBe(true)
  await reader.close()
  await expect(createReadDb({ url: 'sqlite:a.db' })).rejects.toThrow('must be that of a server')
})
