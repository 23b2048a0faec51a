import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createDb, type Database, readRows, type WriteDb } from './database.ts'
import { type CounterTables, counterMigrations } from './testing/counters.ts'
import { testDatabase, testDatabaseUrl } from './testing.ts'

test('each test database starts migrated and empty, whatever others hold', async () => {
  const open = () => testDatabase<CounterTables>(counterMigrations)
  await using first = await open()
  await first.transaction((trx) => trx.insertInto('counters').values({ id: 'a', count: 1 }).execute())
  await using second = await open()
  expect(await second.read.selectFrom('counters').selectAll().execute()).toEqual([])
})

test('many test databases can be made at once', async () => {
  const urls = await Promise.all(Array.from({ length: 6 }, () => testDatabaseUrl(counterMigrations)))
  expect(new Set(urls.map(({ url }) => url)).size).toBe(6)
  await Promise.all(urls.map(({ dispose }) => dispose()))
})

test('a test database can be opened a second time by its address', async () => {
  const { url, dispose } = await testDatabaseUrl(counterMigrations)
  const db = await createDb<CounterTables>({ url })
  expect(await db.read.selectFrom('counters').selectAll().execute()).toEqual([])
  await db.close()
  await dispose()
  await dispose()
})

type Spoil = (trx: WriteDb<CounterTables>) => Promise<unknown>

const spoils: Record<string, Spoil> = {
  rows: (trx) => trx.insertInto('counters').values({ id: 'a', count: 1 }).execute(),
  'many rows': (trx) =>
    trx
      .insertInto('counters')
      .values(Array.from({ length: 9_000 }, (_, index) => ({ id: `row ${index}`, count: index })))
      .execute(),
  'a table': (trx) => trx.schema.createTable('others').addColumn('id', 'text').execute(),
  'a column': (trx) => trx.schema.alterTable('counters').addColumn('more', 'text').execute(),
  'an index': (trx) => trx.schema.createIndex('by_count').on('counters').column('count').execute(),
  'what migrations wrote': (trx) => sql`delete from plinth_migrations`.execute(trx),
  'what the planner knows': (trx) => sql`analyze`.execute(trx),
}

const looks = async (db: Database<CounterTables>) => ({
  rows: await db.read.selectFrom('counters').selectAll().execute(),
  tables: await db.read.introspection.getTables(),
  migrations: await readRows(db.read, sql`select * from plinth_migrations`),
})

test.each(Object.keys(spoils))('the next test finds nothing of %s that one before it left', async (what) => {
  const open = () => testDatabase<CounterTables>(counterMigrations)
  await using untouched = await open()
  const expected = await looks(untouched)
  {
    await using spoiled = await open()
    await spoiled.transaction((trx) => spoils[what]?.(trx) ?? Promise.reject(new Error(what)))
  }
  await using next = await open()
  expect(await looks(next)).toEqual(expected)
})
