import { mkdirSync, renameSync, rmdirSync, statSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createDb, type Database, readRows } from '../database.ts'
import { DbConfigError, InvalidValueError, PoolTimeoutError } from '../errors.ts'
import { type Migrations, migrate } from '../migrate.ts'
import { type CounterTables, counterMigrations } from '../testing/counters.ts'
import { testDatabase, testDatabaseUrl } from '../testing.ts'

const pathOf = (url: string) => url.slice('sqlite:'.length)

const fileDatabase = async (config: Partial<Parameters<typeof createDb>[0]> = {}) => {
  const { url, dispose } = await testDatabaseUrl(counterMigrations, 'sqlite')
  const db = await createDb<CounterTables>({ url, ...config })
  const other = new BetterSqlite3(pathOf(url))
  const close = async () => {
    other.close()
    await db.close()
    await dispose()
  }
  return { db, other, path: pathOf(url), [Symbol.asyncDispose]: close }
}

const insert = (db: Database<CounterTables>, id: string) =>
  db.transaction((trx) => trx.insertInto('counters').values({ id, count: 0 }).execute())

test('a lock that another process holds is waited for while reads go on', async () => {
  await using file = await fileDatabase()
  file.other.exec('begin immediate')
  const waiting = insert(file.db, 'a')
  for (let turn = 0; turn < 5; turn += 1) await file.db.ping()
  file.other.exec('commit')
  await waiting
  expect(await file.db.read.selectFrom('counters').selectAll().execute()).toHaveLength(1)
})

test('a lock that another process never gives up ends in a controlled refusal', async () => {
  await using file = await fileDatabase({ pool: { acquireTimeoutMs: 80 } })
  file.other.exec('begin immediate')
  await expect(insert(file.db, 'a')).rejects.toThrow(PoolTimeoutError)
  file.other.exec('rollback')
  await insert(file.db, 'b')
})

test('reading connections of holders are bounded, and reused', async () => {
  await using file = await fileDatabase({ pool: { readMax: 2, acquireTimeoutMs: 60 } })
  const { promise, resolve } = Promise.withResolvers<void>()
  const hold = () => file.db.read.transaction().execute(() => promise)
  const held = [hold(), hold()]
  await expect(hold()).rejects.toThrow(PoolTimeoutError)
  await file.db.ping()
  resolve()
  await Promise.all(held)
  for (let turn = 0; turn < 10; turn += 1) await hold()
  expect(file.db.stats().read.open).toBe(3)
})

const synchronousOf = (db: Database<CounterTables>) =>
  db.transaction(async (trx) => (await sql<{ synchronous: number }>`pragma synchronous`.execute(trx)).rows[0])

test.each([
  ['by default', {}, 2],
  ['when it is told so', { synchronous: 'full' }, 2],
  ['and may be lost to a power cut where that is chosen', { synchronous: 'normal' }, 1],
] as const)('a commit is on the disk before it is answered %s', async (_, config, level) => {
  await using file = await fileDatabase(config)
  await insert(file.db, 'a')
  expect(await synchronousOf(file.db)).toEqual({ synchronous: level })
  // Changes to the schema, and what comes after them, are as safe.
  await migrate(file.db, {
    ...counterMigrations,
    '20260102T0000_create_more': {
      async up({ db }) {
        const [row] = (await sql<{ synchronous: number }>`pragma synchronous`.execute(db)).rows
        expect(row).toEqual({ synchronous: level })
        await sql`create table more (id text primary key)`.execute(db)
      },
      down: ({ schema }) => schema.dropTable('more').execute(),
    },
  })
  expect(await synchronousOf(file.db)).toEqual({ synchronous: level })
  expect(await readRows(file.db.read, sql`pragma journal_mode`)).toEqual([{ journal_mode: 'wal' }])
})

test('what is written ahead stays within its bound, however much is written', async () => {
  await using file = await fileDatabase({ synchronous: 'normal' })
  const ahead = () => statSync(`${file.path}-wal`).size
  const text = 'x'.repeat(3000)
  let largest = 0
  for (let written = 0; written < 100; written += 1) {
    await file.db.transaction(async (trx) => {
      for (let row = 0; row < 40; row += 1)
        await trx
          .insertInto('counters')
          .values({ id: `${written}-${row}-${text}`, count: 0 })
          .execute()
    })
    largest = Math.max(largest, ahead())
  }
  // 12 MB of text, twice for its index: without a checkpoint all of it would be there.
  expect(largest).toBeGreaterThan(3_000_000)
  expect(largest).toBeLessThan(8_000_000)
})

test('full text survives a vacuum, which renumbers the rows', async () => {
  const migrations: Migrations = {
    '20260101T0000_create_notes': {
      async up({ schema, type, search }) {
        await schema
          .createTable('notes')
          .addColumn('id', type.id, (column) => column.primaryKey())
          .addColumn('words', type.text, (column) => column.notNull())
          .execute()
        await search.create('notes', ['words'])
      },
      down: ({ schema }) => schema.dropTable('notes').execute(),
    },
  }
  const { url, dispose } = await testDatabaseUrl(migrations, 'sqlite')
  const db = await createDb<{ notes: { id: string; words: string } }>({ url })
  await db.transaction(async (trx) => {
    for (const id of ['a', 'b', 'c', 'd'])
      await trx
        .insertInto('notes')
        .values({ id, words: `word${id}` })
        .execute()
    await trx.deleteFrom('notes').where('id', '<', 'c').execute()
  })
  const other = new BetterSqlite3(pathOf(url))
  other.exec('vacuum')
  other.exec("insert or replace into notes values ('c', 'replaced')")
  other.close()
  const find = (word: string) =>
    db.read
      .selectFrom('notes')
      .select('id')
      .where(db.dialect.matches('notes', [word]))
      .execute()
  expect(await find('wordd')).toEqual([{ id: 'd' }])
  await db.close()
  await dispose()
})

test('REPLACE does not get past an append-only table', async () => {
  const migrations: Migrations = {
    '20260101T0000_create_ledger': {
      async up({ schema, type, appendOnly }) {
        await schema
          .createTable('ledger')
          .addColumn('id', type.id, (column) => column.primaryKey())
          .execute()
        await appendOnly('ledger')
      },
      down: ({ schema }) => schema.dropTable('ledger').execute(),
    },
  }
  await using db = await testDatabase<{ ledger: { id: string } }>(migrations, { engine: 'sqlite' })
  const put = () => db.transaction((trx) => trx.replaceInto('ledger').values({ id: 'a' }).execute())
  await put()
  await expect(put()).rejects.toThrow('append-only')
})

test('a moment that was stored in another form is found when it is read, not mis-sorted', async () => {
  const migrations: Migrations = {
    '20260101T0000_create_visits': {
      up: ({ schema, type }) => schema.createTable('visits').addColumn('at', type.moment).execute(),
      down: ({ schema }) => schema.dropTable('visits').execute(),
    },
  }
  await using db = await testDatabase<{ visits: { at: string } }>(migrations, { engine: 'sqlite' })
  await db.transaction((trx) => trx.insertInto('visits').values({ at: '2026-01-01T00:00:00Z' }).execute())
  await expect(db.read.selectFrom('visits').selectAll().execute()).rejects.toThrow(InvalidValueError)
})

test('a file that can not be opened is told by the name of its setting', async () => {
  await expect(createDb({ url: 'sqlite:/dev/null/all.db' })).rejects.toThrow(DbConfigError)
})

interface ShapedTables {
  shapes: { id: string; flag: boolean; data: unknown }
}

const shapes: Migrations = {
  '20260101T0000_create_shapes': {
    up: ({ schema, type }) =>
      schema
        .createTable('shapes')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .execute(),
    down: ({ schema }) => schema.dropTable('shapes').execute(),
  },
}
const moreShapes: Migrations = {
  ...shapes,
  '20260102T0000_add_columns': {
    async up({ schema, type }) {
      await schema.alterTable('shapes').addColumn('flag', type.boolean).execute()
      await schema.alterTable('shapes').addColumn('data', type.json).execute()
    },
    down: ({ schema }) => schema.alterTable('shapes').dropColumn('flag').execute(),
  },
}

test.each(['this process', 'another process'])(
  'a statement that was kept reads the columns that %s has added',
  async (who) => {
    const { url, dispose } = await testDatabaseUrl(shapes, 'sqlite')
    const db = await createDb<ShapedTables>({ url })
    const other = await createDb<ShapedTables>({ url })
    const read = async () => db.read.selectFrom('shapes').selectAll().execute()
    const streamed = async () => {
      const rows: ShapedTables['shapes'][] = []
      for await (const row of db.read.selectFrom('shapes').selectAll().stream()) rows.push(row)
      return rows
    }
    await Promise.all([read(), streamed()])
    const changing = who === 'this process' ? db : other
    await migrate(changing, moreShapes)
    const row = { id: 'a', flag: true, data: { x: 1 } }
    const values = { ...row, data: JSON.stringify(row.data) }
    await changing.transaction((trx) => trx.insertInto('shapes').values(values).execute())
    expect([await streamed(), await read(), await read()]).toEqual([[row], [row], [row]])
    await Promise.all([db.close(), other.close()])
    await dispose()
  },
)

test('a connection that can not be opened gives its place back', async () => {
  await using file = await fileDatabase({ pool: { readMax: 1, acquireTimeoutMs: 100 } })
  const hold = () => file.db.read.transaction().execute(() => Promise.resolve('held'))
  renameSync(file.path, `${file.path}.away`)
  mkdirSync(file.path)
  await expect(hold()).rejects.toThrow(DbConfigError)
  rmdirSync(file.path)
  renameSync(`${file.path}.away`, file.path)
  expect(await hold()).toBe('held')
})

test('it can be closed while another process writes', async () => {
  const { url, dispose } = await testDatabaseUrl(counterMigrations, 'sqlite')
  const db = await createDb<CounterTables>({ url })
  await db.transaction(async (trx) => {
    await sql`create index counters_count on counters (count)`.execute(trx)
    for (let count = 0; count < 500; count += 1)
      await trx
        .insertInto('counters')
        .values({ id: `${count}`, count })
        .execute()
    await trx.selectFrom('counters').selectAll().where('count', '=', 5).execute()
  })
  const other = new BetterSqlite3(pathOf(url))
  other.exec('begin immediate')
  await db.close()
  await expect(insert(db, 'late')).rejects.toThrow('not open')
  other.exec('rollback')
  other.close()
  await dispose()
})
