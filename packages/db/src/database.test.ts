import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createDb, type Database, dialectOf, readRows, type WriteDb } from './database.ts'
import { isUnavailable, PoolTimeoutError } from './errors.ts'
import { type CounterTables, counterMigrations } from './testing/counters.ts'
import { testDatabase, testDatabaseUrl, testEngine } from './testing.ts'

const open = (options: Parameters<typeof testDatabase>[1] = {}) =>
  testDatabase<CounterTables>(counterMigrations, options)

const insert = (trx: WriteDb<CounterTables>, id: string, count = 0) =>
  trx.insertInto('counters').values({ id, count }).execute()

const idsOf = async (db: Database<CounterTables>) =>
  (await db.read.selectFrom('counters').select('id').orderBy('id').execute()).map(({ id }) => id)

/** A promise and the function that resolves it. */
const signal = () => Promise.withResolvers<void>()

describe('the read handle', () => {
  test('refuses to write, whatever the text says', async () => {
    await using db = await open()
    const write = sql`insert into counters (id, count) values ('a', 1)`
    await expect(readRows(db.read, write)).rejects.toThrow(/read-?only/)
    expect(await idsOf(db)).toEqual([])
  })

  test('does not wait for a transaction and sees only what is committed', async () => {
    await using db = await open()
    await db.transaction(async (trx) => {
      await insert(trx, 'a')
      expect(await idsOf(db)).toEqual([])
    })
    expect(await idsOf(db)).toEqual(['a'])
  })

  test('keeps one view of the data inside a snapshot', async () => {
    await using db = await open()
    await db.read.transaction().execute(async (snapshot) => {
      await snapshot.selectFrom('counters').selectAll().execute()
      await db.transaction((trx) => insert(trx, 'later'))
      expect(await snapshot.selectFrom('counters').selectAll().execute()).toEqual([])
    })
    expect(await idsOf(db)).toEqual(['later'])
  })

  test('refuses to write inside a snapshot', async () => {
    await using db = await open()
    const attempt = db.read
      .transaction()
      .execute((snapshot) => sql`delete from counters`.execute(snapshot as unknown as WriteDb<CounterTables>))
    await expect(attempt).rejects.toThrow(/read-?only/)
  })
})

describe('a transaction', () => {
  test('keeps nothing when its work rejects, and gives its connection back', async () => {
    await using db = await open()
    const attempt = db.transaction(async (trx) => {
      await insert(trx, 'a')
      throw new Error('changed my mind')
    })
    await expect(attempt).rejects.toThrow('changed my mind')
    expect(await idsOf(db)).toEqual([])
    expect(db.stats().write).toMatchObject({ waiting: 0 })
    await db.transaction((trx) => insert(trx, 'b'))
    expect(await idsOf(db)).toEqual(['b'])
  })

  test('keeps nothing when it swallows a failed statement on an engine that aborts, and says so', async () => {
    await using db = await open()
    const attempt = db.transaction(async (trx) => {
      await insert(trx, 'a')
      await insert(trx, 'a').catch(() => undefined)
    })
    if (db.engine === 'postgres') await expect(attempt).rejects.toThrow('nothing was kept')
    else await attempt
    expect(await idsOf(db)).toEqual(db.engine === 'postgres' ? [] : ['a'])
  })

  test('can not be used after its end', async () => {
    await using db = await open()
    let leaked: WriteDb<CounterTables> | undefined
    await db.transaction(async (trx) => {
      leaked = trx
    })
    await expect(leaked && insert(leaked, 'late')).rejects.toThrow('the transaction has ended')
    expect(await idsOf(db)).toEqual([])
  })

  test('that locks the row it reads loses no update among fifty at once', async () => {
    await using db = await open({ pool: { acquireTimeoutMs: 20_000 } })
    await db.transaction((trx) => insert(trx, 'hits'))
    const bump = async (trx: WriteDb<CounterTables>) => {
      const { count } = await trx
        .selectFrom('counters')
        .select('count')
        .where('id', '=', 'hits')
        .forUpdate()
        .executeTakeFirstOrThrow()
      await trx
        .updateTable('counters')
        .set({ count: count + 1 })
        .where('id', '=', 'hits')
        .execute()
    }
    await Promise.all(Array.from({ length: 50 }, () => db.transaction(bump)))
    expect(await db.read.selectFrom('counters').selectAll().execute()).toEqual([{ id: 'hits', count: 50 }])
  })

  test('that waits for another gets its turn in the order of asking', async () => {
    await using db = await open({ pool: { max: 1 } })
    const order: number[] = []
    await Promise.all(
      [1, 2, 3, 4, 5].map((turn) =>
        db.transaction(async (trx) => {
          await insert(trx, `turn-${turn}`)
          order.push(turn)
        }),
      ),
    )
    expect(order).toEqual([1, 2, 3, 4, 5])
  })

  test('that finds no connection in time is refused and does not run', async () => {
    await using db = await open({ pool: { max: 1, acquireTimeoutMs: 60 } })
    const [held, done] = [signal(), signal()]
    const holder = db.transaction(async () => {
      held.resolve()
      await done.promise
    })
    await held.promise
    let ran = false
    const refused = db.transaction(async () => {
      ran = true
    })
    await expect(refused).rejects.toThrow(PoolTimeoutError)
    done.resolve()
    await holder
    expect(ran).toBe(false)
    await db.transaction((trx) => insert(trx, 'after'))
    expect(await idsOf(db)).toEqual(['after'])
  })

  test('tells the time by a clock of its own, and where its server is, if it is one', async () => {
    await using db = await open()
    const before = Date.now()
    const now = await db.dialect.now(db.read)
    // One machine runs both here.
    expect(Math.abs(now.getTime() - before)).toBeLessThan(5000)
    expect(db.address === null).toBe(db.engine === 'sqlite')
  })

  test('takes a named lock that nobody else gets until its end', async () => {
    await using db = await open()
    const second = await db.transaction(async (trx) => {
      expect(await db.dialect.tryLock(trx, 'nightly')).toBe(true)
      // Where transactions take turns there is nobody to compete with.
      if (db.engine === 'sqlite') return false
      return db.transaction((other) => db.dialect.tryLock(other, 'nightly'))
    })
    expect(second).toBe(false)
    expect(await db.transaction((trx) => db.dialect.tryLock(trx, 'nightly'))).toBe(true)
  })

  test('waits for a named lock until its holder has committed, and sees what that one wrote', async () => {
    await using db = await open()
    const [locked, done] = [signal(), signal()]
    const holder = db.transaction(async (trx) => {
      await db.dialect.lock(trx, 'moves')
      locked.resolve()
      await done.promise
      await insert(trx, 'first')
    })
    await locked.promise
    const waiter = db.transaction(async (trx) => {
      await db.dialect.lock(trx, 'moves')
      return trx.selectFrom('counters').select('id').execute()
    })
    done.resolve()
    await holder
    expect(await waiter).toEqual([{ id: 'first' }])
  })

  test('leads to the dialect of its database, as does the read handle', async () => {
    await using db = await open()
    expect(dialectOf(db.read)).toBe(db.dialect)
    expect(await db.transaction(async (trx) => dialectOf(trx) === db.dialect)).toBe(true)
  })
})

test('two hundred failures of every kind leak no connection', async () => {
  await using db = await open({ pool: { max: 3, readMax: 3, acquireTimeoutMs: 20_000 } })
  const failures = [
    () => db.transaction((trx) => sql`select nonsense`.execute(trx)),
    () => db.transaction(() => Promise.reject(new Error('no'))),
    () => readRows(db.read, sql`select nonsense`),
    () => db.read.transaction().execute(() => Promise.reject(new Error('no'))),
  ]
  const results = await Promise.allSettled(
    Array.from({ length: 50 }, () => failures.map((fail): Promise<unknown> => fail())).flat(),
  )
  expect(results).toHaveLength(200)
  expect(results.every(({ status }) => status === 'rejected')).toBe(true)
  const { read, write } = db.stats()
  expect(read).toMatchObject({ idle: read.open, waiting: 0 })
  expect(write).toMatchObject({ idle: write.open, waiting: 0 })
  expect(write.open).toBeLessThanOrEqual(3)
})

test('what is committed is there after the database was closed and opened again', async () => {
  const { url, dispose } = await testDatabaseUrl(counterMigrations)
  const first = await createDb<CounterTables>({ url })
  await first.transaction((trx) => insert(trx, 'kept'))
  await first.close()
  const second = await createDb<CounterTables>({ url })
  expect(await idsOf(second)).toEqual(['kept'])
  await second.close()
  await dispose()
})

test('closing waits for a transaction under way', async () => {
  const { url, dispose } = await testDatabaseUrl(counterMigrations)
  const db = await createDb<CounterTables>({ url })
  const [started, go] = [signal(), signal()]
  const work = db.transaction(async (trx) => {
    started.resolve()
    await go.promise
    await insert(trx, 'in time')
  })
  await started.promise
  const closed = db.close()
  go.resolve()
  await Promise.all([work, closed])
  const again = await createDb<CounterTables>({ url })
  expect(await idsOf(again)).toEqual(['in time'])
  await again.close()
  await dispose()
})

test('a server that does not answer is told apart from a query that is wrong', async () => {
  const nobody = createDb({ url: 'postgres://nobody@127.0.0.1:1/none' })
  const error = await nobody.catch((failure: unknown) => failure)
  expect(isUnavailable(error)).toBe(true)
  await using db = await open()
  const wrong = await readRows(db.read, sql`select nonsense`).catch((failure: unknown) => failure)
  expect(isUnavailable(wrong)).toBe(false)
})

test('a handle alone leads to the dialect behind it', async () => {
  await using db = await open()
  expect(dialectOf(db.read)).toBe(db.dialect)
  expect(await db.transaction((trx) => Promise.resolve(dialectOf(trx)))).toBe(db.dialect)
})

test('the engine is the one that the run asks for', async () => {
  await using db = await open()
  expect(db.engine).toBe(testEngine())
})
