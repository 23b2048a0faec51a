import { setTimeout as delay } from 'node:timers/promises'
import {
  type DialectAdapter,
  type Kysely,
  type RawBuilder,
  type Selectable,
  sql,
  type Transaction,
} from 'kysely'
import type { ReadonlyKysely } from 'kysely/readonly'
import type { SchemaTools } from './columns.ts'
import { type DbConfig, type DbHooks, type Settings, settingsOf } from './config.ts'
import type { Dialect, Engine } from './dialect/types.ts'
import { DbConfigError } from './errors.ts'
import { createHandles } from './handles.ts'
import type { Notices } from './notices.ts'
import type { PoolStats } from './pool-stats.ts'
import { type Costs, createCosts, createObserver, type Observe, type StatementCost } from './statements.ts'

export type { PoolStats } from './pool-stats.ts'

/** A handle that reads; a write through it neither compiles nor runs. */
export type ReadDb<T> = ReadonlyKysely<T>

/** A transaction that writes; it is unusable once the transaction has ended. */
export type WriteDb<T> = Transaction<T>

/** A table's row as a query reads it. */
export type Row<Table> = Selectable<Table>

/** An open database with the tables `T`. */
export interface Database<T = unknown> {
  /** The engine's name, for logs and metrics only. */
  readonly engine: string
  /** Where its server listens, for parts that open connections of their own; null when it is a file. */
  readonly address: string | null
  readonly dialect: Dialect
  readonly read: ReadDb<T>
  /**
   * Runs `work` in one transaction that commits when it resolves and rolls back when it rejects. Where the
   * engine asks for it `work` is run again, so it must have no effects outside the database.
   */
  transaction<R>(work: (trx: WriteDb<T>) => Promise<R>): Promise<R>
  /** Resolves if the database answers. */
  ping(): Promise<void>
  stats(): { read: PoolStats; write: PoolStats; statements: { cached: number } }
  /** The statements that took most time in total, at most `limit` (default 20). */
  slowest(limit?: number): StatementCost[]
  resetCosts(): void
  /** Messages between the processes that have this database open; null where the engine carries none. */
  readonly notices: Notices | null
  /** The same database seen with other tables. */
  as<U>(): Database<U>
  /** Lets transactions under way end, then closes every connection. A second call waits for the first. */
  close(): Promise<void>
}

/** A database that is only read. */
export interface ReadDatabase<T = unknown> {
  readonly read: ReadDb<T>
  stats(): PoolStats
  close(): Promise<void>
}

interface Internals {
  readonly engine: Engine
  /** The read handle with its full type, for this package alone. */
  readonly handle: SchemaTools['db']
  transact<R>(purpose: 'data' | 'schema', work: (trx: Transaction<unknown>) => Promise<R>): Promise<R>
}

const internals = new WeakMap<object, Internals>()

/** What stands behind a database; for this package alone. */
export const engineOf = (db: object): Internals => {
  const found = internals.get(db)
  if (!found) throw new TypeError('not a database made by createDb')
  return found
}

// An adapter is one object per engine, and every handle knows its own.
const dialects = new WeakMap<DialectAdapter, Dialect>()

/** The dialect behind a handle, for code that is given nothing but the handle. */
export const dialectOf = <T>(db: ReadDb<T> | WriteDb<T>): Dialect => {
  const found = dialects.get((db as unknown as Kysely<T>).getExecutor().adapter)
  if (!found) throw new TypeError('not a handle of a database made by createDb')
  return found
}

const MOST_TRIES = 4

const pause = (attempt: number) => delay(Math.random() * 10 * 2 ** attempt)

const attempt = async <R>(
  engine: Engine,
  handles: ReturnType<typeof createHandles>,
  purpose: 'data' | 'schema',
  work: (trx: Transaction<unknown>) => Promise<R>,
): Promise<R> => {
  const session = await engine.begin(purpose)
  const { trx, end } = handles.transaction(session.connection)
  let result: R
  try {
    result = await work(trx)
  } catch (error) {
    end()
    await session.rollback()
    throw error
  }
  end()
  await session.commit()
  return result
}

const createTransact =
  (engine: Engine, handles: ReturnType<typeof createHandles>): Internals['transact'] =>
  async (purpose, work) => {
    for (let tried = 1; ; tried += 1) {
      try {
        return await attempt(engine, handles, purpose, work)
      } catch (error) {
        if (tried === MOST_TRIES || !engine.isRetryable(error)) throw error
        await pause(tried)
      }
    }
  }

const openEngine = async (settings: Settings, observe: Observe): Promise<Engine> => {
  // Loaded on demand: a process pays only for the driver that it uses.
  const { openEngine: open } =
    settings.engine === 'sqlite' ? await import('./dialect/sqlite.ts') : await import('./dialect/postgres.ts')
  return open(settings, observe)
}

const assemble = <T>(engine: Engine, costs: Costs): Database<T> => {
  const handles = createHandles(engine)
  const { read } = handles
  const transact = createTransact(engine, handles)
  let closed: Promise<void> | undefined
  const database: Database<T> = {
    engine: engine.name,
    address: engine.address,
    dialect: engine.dialect,
    read: read as unknown as ReadDb<T>,
    transaction: (work) => transact('data', (trx) => work(trx as unknown as WriteDb<T>)),
    async ping() {
      await sql`select 1`.execute(read)
    },
    stats: () => engine.stats(),
    slowest: (limit = 20) => costs.slowest(limit),
    resetCosts: () => costs.reset(),
    notices: engine.notices,
    as: <U>() => database as unknown as Database<U>,
    close() {
      closed ??= engine.close()
      return closed
    },
  }
  internals.set(database, { engine, handle: read, transact })
  dialects.set(read.getExecutor().adapter, engine.dialect)
  return database
}

/**
 * Opens a database. Rejects with `DbConfigError` for a bad setting and with `UnavailableError` when a
 * server does not answer.
 */
export const createDb = async <T = unknown>(config: DbConfig, hooks: DbHooks = {}): Promise<Database<T>> => {
  const settings = settingsOf(config)
  const costs = createCosts()
  const engine = await openEngine(settings, createObserver(costs, hooks, settings.slowQueryMs))
  return assemble<T>(engine, costs)
}

/**
 * Opens a database for reading alone, such as a replica; it need not be there yet.
 * @throws {DbConfigError} for one that is a file.
 */
export const createReadDb = async <T = unknown>(
  config: DbConfig,
  hooks: DbHooks = {},
): Promise<ReadDatabase<T>> => {
  const settings = settingsOf(config)
  if (settings.engine === 'sqlite') throw new DbConfigError('url', 'must be that of a server')
  const { openReader } = await import('./dialect/postgres.ts')
  const reader = await openReader(settings, createObserver(createCosts(), hooks, settings.slowQueryMs))
  const { read } = createHandles(reader)
  dialects.set(read.getExecutor().adapter, reader.dialect)
  return { read: read as unknown as ReadDb<T>, stats: reader.stats, close: reader.close }
}

/** The rows of a query that is written as text. The handle still refuses to write, the compiler can't know. */
export const readRows = async <T, R>(db: ReadDb<T>, query: RawBuilder<R>): Promise<R[]> =>
  (await query.execute(db as unknown as Kysely<T>)).rows

/**
 * Runs `work` so that its failure undoes only its own statements and the transaction may go on. Without
 * it, one engine refuses everything after a failed statement and the other does not.
 */
export const savepoint = async <T, R>(trx: WriteDb<T>, work: () => Promise<R>): Promise<R> => {
  await sql`savepoint attempt`.execute(trx)
  try {
    const result = await work()
    await sql`release savepoint attempt`.execute(trx)
    return result
  } catch (error) {
    await sql`rollback to savepoint attempt`.execute(trx)
    await sql`release savepoint attempt`.execute(trx)
    throw error
  }
}
