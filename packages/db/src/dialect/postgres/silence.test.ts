import { sql } from 'kysely'
import { describe, expect, type TestContext, test } from 'vitest'
import { createDb, readRows, type WriteDb } from '../../database.ts'
import { isUnavailable, messageOf } from '../../errors.ts'
import { migrate } from '../../migrate.ts'
import { type CounterTables, counterMigrations } from '../../testing/counters.ts'
import { eventually, tcpProxy, testServerUrl } from '../../testing.ts'

const STATEMENT_MS = 300
const ACQUIRE_MS = 500
// A little more than both, on a machine that has other things to do.
const SETTLED_MS = 6 * (STATEMENT_MS + ACQUIRE_MS)

/** A database behind a line that can be made to swallow every answer, with pools of two connections. */
const open = async ({ onTestFinished }: TestContext) => {
  const { url, dispose } = await testServerUrl(counterMigrations)
  const address = new URL(url)
  const proxy = await tcpProxy(Number(address.port || 5432))
  address.host = `127.0.0.1:${proxy.port}`
  const db = await createDb<CounterTables>({
    url: address.href,
    pool: { min: 0, max: 2, acquireTimeoutMs: ACQUIRE_MS },
    statementTimeoutMs: STATEMENT_MS,
  })
  onTestFinished(async () => {
    await db.close()
    await proxy[Symbol.asyncDispose]()
    await dispose()
  })
  return { db, proxy }
}

const insert = (trx: WriteDb<CounterTables>, id: string) =>
  trx.insertInto('counters').values({ id, count: 0 }).execute()

/** What became of work, and whether it was told in time. */
const failureOf = async (work: Promise<unknown>): Promise<{ error: unknown; inTime: boolean }> => {
  const startedAt = performance.now()
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { error, inTime: performance.now() - startedAt < SETTLED_MS }
}

const expectLost = ({ error, inTime }: Awaited<ReturnType<typeof failureOf>>) => {
  expect(messageOf(error)).toContain('silent')
  expect(isUnavailable(error)).toBe(true)
  expect(inTime).toBe(true)
}

const onServer = () => {
  test('reads that get no answer fail as lost in bounded time, and every place in the pool comes back', async (context) => {
    const { db, proxy } = await open(context)
    await Promise.all([db.ping(), db.ping()])
    proxy.swallow = true
    for (const failure of await Promise.all([failureOf(db.ping()), failureOf(db.ping())])) expectLost(failure)
    expect(db.stats().read).toMatchObject({ open: 0, waiting: 0 })

    const connecting = await failureOf(db.ping())
    expect(isUnavailable(connecting.error)).toBe(true)
    expect(connecting.inTime).toBe(true)

    proxy.swallow = false
    await Promise.all([db.ping(), db.ping()])
    expect(db.stats().read).toMatchObject({ open: 2, idle: 2, waiting: 0 })
  })

  test('a write that gets no answer fails as lost and is not kept, and what waits behind it fails with it', async (context) => {
    const { db, proxy } = await open(context)
    const failure = await failureOf(
      db.transaction(async (trx) => {
        await insert(trx, 'a')
        proxy.swallow = true
        const [first, behind] = await Promise.allSettled([insert(trx, 'b'), insert(trx, 'c')])
        expect([first.status, behind.status]).toEqual(['rejected', 'rejected'])
        if (first.status === 'rejected') throw first.reason
      }),
    )
    expectLost(failure)
    expect(db.stats().write).toMatchObject({ open: 0, waiting: 0 })
    proxy.swallow = false
    await db.transaction((trx) => insert(trx, 'd'))
    expect(await db.read.selectFrom('counters').select('id').execute()).toEqual([{ id: 'd' }])
  })

  test('a commit that gets no answer fails as lost, whatever became of it, and its connection is not used again', async (context) => {
    const { db, proxy } = await open(context)
    const failure = await failureOf(
      db.transaction(async (trx) => {
        await insert(trx, 'a')
        proxy.swallow = true
      }),
    )
    expectLost(failure)
    expect(db.stats().write).toMatchObject({ open: 0, waiting: 0 })
    proxy.swallow = false
    // The server had heard it, and only its answer was lost.
    const ids = () => db.read.selectFrom('counters').select('id').orderBy('id').execute()
    expect(await ids()).toEqual([{ id: 'a' }])
    await db.transaction((trx) => insert(trx, 'b'))
    expect(await ids()).toEqual([{ id: 'a' }, { id: 'b' }])
  })

  test('a transaction that can not begin fails as lost, and gives its place back', async (context) => {
    const { db, proxy } = await open(context)
    await db.transaction((trx) => insert(trx, 'a'))
    proxy.swallow = true
    expectLost(await failureOf(db.transaction((trx) => insert(trx, 'b'))))
    expect(db.stats().write).toMatchObject({ open: 0, waiting: 0 })
    proxy.swallow = false
    await db.transaction((trx) => insert(trx, 'b'))
  })

  test('a rollback that gets no answer tells the failure that led to it, in bounded time', async (context) => {
    const { db, proxy } = await open(context)
    const { error, inTime } = await failureOf(
      db.transaction(async (trx) => {
        await insert(trx, 'a')
        proxy.swallow = true
        throw new Error('changed my mind')
      }),
    )
    expect([messageOf(error), inTime]).toEqual(['changed my mind', true])
    proxy.swallow = false
    await eventually(() => expect(db.stats().write).toMatchObject({ open: 0, waiting: 0 }))
    await db.transaction((trx) => insert(trx, 'a'))
  })

  test('a stream of rows that stops in the middle fails as lost, and gives its place back', async (context) => {
    const { db, proxy } = await open(context)
    const numbers = sql<{ n: number }>`(select generate_series(1, 10) as n)`.as('numbers')
    const failure = await failureOf(
      (async () => {
        for await (const { n } of db.read.selectFrom(numbers).select('n').stream(2)) proxy.swallow = n > 0
      })(),
    )
    expect(isUnavailable(failure.error)).toBe(true)
    expect(failure.inTime).toBe(true)
    expect(db.stats().read).toMatchObject({ open: 0, waiting: 0 })
  })

  test('one that listens is closed in bounded time', async (context) => {
    const { db, proxy } = await open(context)
    const { promise, resolve } = Promise.withResolvers<void>()
    db.notices?.listen('words', { message: () => undefined, listening: resolve, lost: () => undefined })
    await promise
    proxy.swallow = true
    expect(await failureOf(db.close())).toEqual({ error: undefined, inTime: true })
  })

  test('the server itself ends a statement that is slow, and its connection stays', async (context) => {
    const { db } = await open(context)
    await expect(readRows(db.read, sql`select pg_sleep(10)`)).rejects.toThrow(/statement timeout/)
    expect(db.stats().read).toMatchObject({ open: 1, idle: 1 })
  })

  test('a migration may take longer than a statement, and the next transaction may not', async (context) => {
    const { db, proxy } = await open(context)
    const slow = sql`select pg_sleep(${(2 * (STATEMENT_MS + ACQUIRE_MS)) / 1000})`
    await migrate(db, {
      ...counterMigrations,
      '20990101T0000_slow': {
        up: async ({ db: trx }) => void (await slow.execute(trx)),
        down: () => Promise.resolve(),
      },
    })
    expect(db.stats().write).toMatchObject({ open: 1, idle: 1 })
    proxy.swallow = true
    expectLost(await failureOf(db.transaction((trx) => insert(trx, 'a'))))
  })

  test('the settings say how long a statement may take, and not the address', async ({ onTestFinished }) => {
    const { url, dispose } = await testServerUrl(counterMigrations)
    const address = new URL(url)
    address.searchParams.set('options', '-c statement_timeout=0 -c work_mem=5MB')
    const db = await createDb({ url: address.href, statementTimeoutMs: 1234 })
    onTestFinished(async () => {
      await db.close()
      await dispose()
    })
    const shown = sql`select current_setting('statement_timeout') as longest, current_setting('work_mem') as memory`
    expect(await readRows(db.read, shown)).toEqual([{ longest: '1234ms', memory: '5MB' }])
  })
}

// Each waits most of its time, and has a database of its own.
describe.concurrent('a server that falls silent', onServer)
