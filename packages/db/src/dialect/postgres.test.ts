import { type Generated, sql } from 'kysely'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { backupLines } from '../backup/lines.ts'
import { restoreLines } from '../backup/restore.ts'
import { createDb, readRows, savepoint, type WriteDb } from '../database.ts'
import { isUnavailable, PoolTimeoutError } from '../errors.ts'
import { type Migrations, migrate } from '../migrate.ts'
import { type CounterTables, counterMigrations } from '../testing/counters.ts'
import { testDatabase, testDatabaseUrl, testEngine } from '../testing.ts'

const open = (options: Parameters<typeof testDatabase>[1] = {}) =>
  testDatabase<CounterTables>(counterMigrations, options)

const conflict = sql`do $$ begin raise exception using errcode = '40001'; end $$`

const onServer = () => {
  test('a transaction that fails to serialise is run again, and at most four times', async () => {
    await using db = await open()
    let tries = 0
    const failing = (times: number) => async (trx: WriteDb<CounterTables>) => {
      tries += 1
      await trx.deleteFrom('counters').execute()
      await trx
        .insertInto('counters')
        .values({ id: `try-${tries}`, count: 0 })
        .execute()
      if (tries <= times) await conflict.execute(trx)
      return tries
    }
    expect(await db.transaction(failing(2))).toBe(3)
    expect(await db.read.selectFrom('counters').select('id').execute()).toEqual([{ id: 'try-3' }])
    tries = 0
    await expect(db.transaction(failing(100))).rejects.toMatchObject({ code: '40001' })
    expect(tries).toBe(4)
  })

  test('a statement that waits behind another run of itself reads its own rows', async () => {
    await using db = await open()
    const warned: Error[] = []
    const listen = (warning: Error) => void warned.push(warning)
    process.on('warning', listen)
    onTestFinished(() => void process.off('warning', listen))
    await db.transaction(async (trx) => {
      await trx
        .insertInto('counters')
        .values(['a', 'b', 'c'].map((id, count) => ({ id, count })))
        .execute()
      const read = (id: string) => trx.selectFrom('counters').selectAll().where('id', '=', id).execute()
      expect(await Promise.all(['a', 'b', 'c'].map(read))).toEqual([
        [{ id: 'a', count: 0 }],
        [{ id: 'b', count: 1 }],
        [{ id: 'c', count: 2 }],
      ])
      // Told once in a process: what the driver will not do any more.
      await new Promise((resolve) => setImmediate(resolve))
      expect(warned).toEqual([])
    })
  })

  test('a restored row that brings its own number moves the sequence behind it', async () => {
    const migrations: Migrations = {
      '20260101T0000_create_numbers': {
        up: ({ schema, type }) =>
          schema
            .createTable('numbers')
            .addColumn('id', type.integer, (column) => column.primaryKey().generatedByDefaultAsIdentity())
            .addColumn('word', type.text)
            .execute(),
        down: ({ schema }) => schema.dropTable('numbers').execute(),
      },
    }
    await using source = await testDatabase<{ numbers: { id: Generated<number>; word: string } }>(migrations)
    const add = (db: typeof source, word: string) =>
      db.transaction((trx) => trx.insertInto('numbers').values({ word }).returning('id').execute())
    for (const word of ['one', 'two', 'three']) await add(source, word)
    await using target = await testDatabase<{ numbers: { id: Generated<number>; word: string } }>({})
    await restoreLines(target, () => backupLines(source), migrations)
    expect(await add(target, 'four')).toEqual([{ id: 4 }])
  })

  test('two transactions that wait for each other both come through', async () => {
    await using db = await open()
    await db.transaction((trx) =>
      trx
        .insertInto('counters')
        .values(['a', 'b'].map((id) => ({ id, count: 0 })))
        .execute(),
    )
    const add = (trx: WriteDb<CounterTables>, id: string) =>
      trx
        .updateTable('counters')
        .set(({ eb }) => ({ count: eb('count', '+', 1) }))
        .where('id', '=', id)
        .execute()
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const crossing = (own: string, other: string, mine: typeof first, theirs: typeof first) =>
      db.transaction(async (trx) => {
        await add(trx, own)
        mine.resolve()
        await theirs.promise
        await add(trx, other)
      })
    await Promise.all([crossing('a', 'b', first, second), crossing('b', 'a', second, first)])
    const rows = await db.read.selectFrom('counters').selectAll().orderBy('id').execute()
    expect(rows).toEqual(['a', 'b'].map((id) => ({ id, count: 2 })))
  })

  test('a migration that is cancelled while it waits for its turn leaves no transaction behind', async () => {
    const { url, dispose } = await testDatabaseUrl(counterMigrations)
    const db = await createDb<CounterTables>({ url, pool: { max: 1 } })
    const first = await createDb<CounterTables>({ url })
    const admin = new pg.Client({ connectionString: url })
    await admin.connect()
    const [held, done] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const up = () => {
      held.resolve()
      return done.promise
    }
    const wait = { up, down: () => Promise.resolve() }
    const holding = migrate(first, { ...counterMigrations, '20260102T0000_wait': wait })
    await held.promise
    const outcome = Promise.allSettled([migrate(db, counterMigrations)])
    const cancelled = async () => {
      const { rowCount } = await admin.query(`select pg_cancel_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'`)
      return rowCount
    }
    await expect.poll(cancelled).toBe(1)
    expect(await outcome).toMatchObject([{ status: 'rejected' }])
    done.resolve()
    await holding
    await db.transaction((trx) => trx.insertInto('counters').values({ id: 'a', count: 0 }).execute())
    await Promise.all([admin.end(), db.close(), first.close()])
    await dispose()
  })

  test('two streams of one transaction side by side have each their own rows', async () => {
    await using db = await open()
    const numbers = (trx: WriteDb<CounterTables>, most: number) =>
      trx
        .selectFrom(sql<{ n: number }>`(select generate_series(1, ${sql.lit(most)}) as n)`.as('numbers'))
        .select('n')
        .stream(2)
    await db.transaction(async (trx) => {
      const sums: number[] = []
      for await (const { n } of numbers(trx, 3))
        for await (const other of numbers(trx, n)) sums.push(10 * n + other.n)
      expect(sums).toEqual([11, 21, 22, 31, 32, 33])
    })
  })

  test('a read that finds no connection in time is refused in a controlled way', async () => {
    await using db = await open({ pool: { readMax: 1, acquireTimeoutMs: 100 } })
    const { promise, resolve } = Promise.withResolvers<void>()
    const held = db.read.transaction().execute(async (snapshot) => {
      await snapshot.selectFrom('counters').selectAll().execute()
      await expect(db.ping()).rejects.toThrow(PoolTimeoutError)
      resolve()
    })
    await Promise.all([promise, held])
    await db.ping()
  })

  test('a connection that the server ends is told as unavailable, and replaced', async () => {
    await using db = await open({ pool: { max: 1, readMax: 1 } })
    const kill = sql`select pg_terminate_backend(pg_backend_pid())`
    expect(isUnavailable(await readRows(db.read, kill).catch((error: unknown) => error))).toBe(true)
    const inside = db.transaction((trx) => kill.execute(trx))
    expect(isUnavailable(await inside.catch((error: unknown) => error))).toBe(true)
    await db.ping()
    await db.transaction((trx) => trx.insertInto('counters').values({ id: 'a', count: 0 }).execute())
  })

  test('a connection that is lost while nobody uses it does not end the process', async () => {
    const { url, dispose } = await testDatabaseUrl(counterMigrations)
    const db = await createDb({ url, pool: { min: 2, max: 2 } })
    const admin = new pg.Client({ connectionString: url })
    await admin.connect()
    const end = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`
    await admin.query(end)
    await expect.poll(() => db.stats().read.open + db.stats().write.open).toBe(0)
    await db.ping()
    await admin.end()
    await db.close()
    await dispose()
  })

  test('the least number of connections is open from the start', async () => {
    const { url, dispose } = await testDatabaseUrl(counterMigrations)
    const db = await createDb({ url, pool: { min: 3, max: 4 } })
    expect(db.stats().write).toMatchObject({ open: 3, idle: 3, max: 4 })
    await db.close()
    await dispose()
  })

  test('a statement that runs too long is ended', async () => {
    await using db = await open({ statementTimeoutMs: 50 })
    await expect(readRows(db.read, sql`select pg_sleep(10)`)).rejects.toThrow(/statement timeout/)
    await db.ping()
  })

  test('a plan that was kept survives a change of the schema by another process', async () => {
    const { url, dispose } = await testDatabaseUrl(counterMigrations)
    const db = await createDb<CounterTables>({ url, pool: { max: 1, readMax: 1 } })
    const other = await createDb({ url })
    const query = () => db.read.selectFrom('counters').selectAll().execute()
    const change = (trx: WriteDb<CounterTables>) =>
      trx
        .insertInto('counters')
        .values({ id: 'a', count: 0 })
        .onConflict((on) => on.doNothing())
        .returningAll()
        .execute()
    for (let turn = 0; turn < 3; turn += 1) await query()
    for (let turn = 0; turn < 3; turn += 1) await db.transaction(change)
    await other.transaction((trx) => sql`alter table counters add column extra text`.execute(trx))
    expect(await query()).toEqual([{ id: 'a', count: 0, extra: null }])
    await other.transaction((trx) => sql`alter table counters drop column extra`.execute(trx))
    await other.transaction((trx) => sql`truncate counters`.execute(trx))
    expect(await db.transaction(change)).toEqual([{ id: 'a', count: 0 }])
    await db.close()
    await other.close()
    await dispose()
  })

  test('a savepoint does not hide a conflict that the whole transaction must repeat', async () => {
    await using db = await open()
    let tries = 0
    await db.transaction(async (trx) => {
      tries += 1
      if (tries === 1) await savepoint(trx, () => conflict.execute(trx))
    })
    expect(tries).toBe(2)
  })
}

// What only a server does is tested where there is one: in the run for Postgres.
if (testEngine() === 'postgres') describe('on a server', onServer)

test('an address of nobody is refused at start within the time to wait', async () => {
  const nobody = createDb({ url: 'postgres://nobody@127.0.0.1:1/none', pool: { acquireTimeoutMs: 500 } })
  expect(isUnavailable(await nobody.catch((error: unknown) => error))).toBe(true)
})
