import {
  type CompiledQuery,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely'
import type { Settings } from '../config.ts'
import { UnavailableError } from '../errors.ts'
import { searchWords } from '../fold.ts'
import type { Observe } from '../statements.ts'
import { explain } from './postgres/explain.ts'
import { isRetryable, isStalePlan } from './postgres/failures.ts'
import { measure } from './postgres/measure.ts'
import { createNames, type Names } from './postgres/names.ts'
import { createNotices } from './postgres/notices.ts'
import { openPool, type Pool } from './postgres/pools.ts'
import { suspendReferences } from './postgres/references.ts'
import { tables } from './postgres/schema.ts'
import {
  countMatches,
  estimateMatches,
  holds,
  matches,
  matchesRow,
  ranked,
  rareWord,
} from './postgres/search.ts'
import type { PostgresSession } from './postgres/session.ts'
import { toolsOf } from './postgres/tools.ts'
import { type Dialect, type Engine, fullHandle, type Reader, type Reads, type WriteSession } from './types.ts'

const adapter = new PostgresAdapter()

const kysely = {
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createAdapter: () => adapter,
  createIntrospector: (db: Kysely<never>) => new PostgresIntrospector(db),
}

const dialect: Dialect = {
  searchWords,
  matches,
  matchesRow,
  holds,
  ranked,
  estimateMatches: (db, table, words) => estimateMatches(fullHandle(db), table, words),
  rareWord: (db, ...asked) => rareWord(fullHandle(db), ...asked),
  countMatches: (db, ...asked) => countMatches(fullHandle(db), ...asked),
  async tryLock(trx, key) {
    const { rows } = await sql<{ locked: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended(${key}, 0)) as locked`.execute(trx)
    return rows[0]?.locked === true
  },
  async lock(trx, key) {
    await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(trx)
  },
  async now(db) {
    const { rows } = await sql<{ now: string }>`select clock_timestamp() as now`.execute(fullHandle(db))
    return new Date(rows[0]?.now ?? Number.NaN)
  },
  explain: (db, query) => explain(fullHandle(db), query.compile()),
}

const statement = (text: string) => ({ sql: text, parameters: [] })

// Any constant will do: it keeps the migrations of processes that start together apart.
const SCHEMA_LOCK = 7_246_105_318

const begin = async (session: PostgresSession, purpose: 'data' | 'schema') => {
  await session.run(statement('begin'))
  if (purpose === 'data') return
  session.lift()
  await session.run(statement('set local statement_timeout = 0'))
  await session.run(statement(`select pg_advisory_xact_lock(${SCHEMA_LOCK})`))
}

const writeSession = (session: PostgresSession, changed: () => void): WriteSession => ({
  connection: session,
  async commit() {
    try {
      const { command } = await session.run(statement('commit'))
      // The server answers so, without an error, when a statement of the transaction had failed.
      if (command === 'ROLLBACK')
        throw new Error('a statement of the transaction had failed, so nothing was kept; see savepoint()')
      changed()
    } finally {
      session.release()
    }
  },
  async rollback() {
    try {
      await session.run(statement('rollback'))
    } catch {
      // Nothing is left to undo without its connection, and the failure that led here is the one to tell.
      session.drop()
      return
    }
    session.release()
  },
})

const readOnce = async (pool: Pool, query: CompiledQuery) => {
  const session = await pool.acquire()
  try {
    return await session.run(query)
  } finally {
    session.release()
  }
}

const readsOf = (read: Pool): Reads => ({
  dialect,
  kysely,
  snapshot: 'begin isolation level repeatable read read only',
  async read(query) {
    try {
      return await readOnce(read, query)
    } catch (error) {
      if (!isStalePlan(error)) throw error
      return readOnce(read, query)
    }
  },
  async reserve() {
    const connection = await read.acquire()
    return { connection, release: connection.release }
  },
})

const createEngine = (
  address: string,
  write: Pool,
  read: Pool,
  names: Names,
  notices: ReturnType<typeof createNotices>,
): Engine => ({
  ...readsOf(read),
  name: 'postgres',
  address,
  async begin(purpose) {
    const session = await write.acquire()
    try {
      await begin(session, purpose)
    } catch (error) {
      // It may have begun: the next one to get this connection must not find itself in that transaction.
      session.drop()
      throw error
    }
    return writeSession(session, () => {
      if (purpose === 'schema') names.renew()
    })
  },
  isRetryable,
  tools: toolsOf,
  tables,
  notices,
  suspendReferences,
  measure,
  stats: () => ({ read: read.stats(), write: write.stats(), statements: { cached: names.cached } }),
  async close() {
    await notices.close()
    await Promise.all([read.close(), write.close()])
  },
})

/** Opens two pools of one server: one whose connections may write, and one that the server holds to reading. */
export const openEngine = async (settings: Settings, observe: Observe): Promise<Engine> => {
  const names = createNames()
  const write = await openPool(settings, 'write', names, observe)
  try {
    const read = await openPool(settings, 'read', names, observe)
    return createEngine(settings.location, write, read, names, createNotices(settings, write))
  } catch (error) {
    await write.close()
    throw error
  }
}

/** Opens one pool of a server, whose connections only read; the server is not waited for. */
export const openReader = async (settings: Settings, observe: Observe): Promise<Reader> => {
  const pool = await openPool({ ...settings, min: 0 }, 'read', createNames(), observe)
  const reads = readsOf(pool)
  const read = async (query: CompiledQuery) => {
    try {
      return await reads.read(query)
    } catch (error) {
      // A standby ends a read that is in the way of what it is to apply.
      if (!isRetryable(error)) throw error
      throw new UnavailableError('the database gave up a statement', { cause: error })
    }
  }
  return { ...reads, read, stats: pool.stats, close: pool.close }
}
