import type BetterSqlite3 from 'better-sqlite3'
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import type { QueryEvent } from '../../config.ts'
import { createLru } from '../../lru.ts'
import { type Observe, shapeOf } from '../../statements.ts'
import { type Decode, decoderOf, encode } from './codec.ts'
import { translate } from './failures.ts'

type Rows = Record<string, unknown>[]

interface Prepared {
  readonly statement: BetterSqlite3.Statement<unknown[], Record<string, unknown>>
  readonly decode: Decode | null
  readonly shape: string
}

const MOST_STATEMENTS = 500
const NO_ROWS: Rows = []

/** One connection with its prepared statements, which it keeps up to a bound. */
export interface SqliteSession extends DatabaseConnection {
  readonly database: BetterSqlite3.Database
  readonly statements: number
  run(query: Pick<CompiledQuery, 'sql' | 'parameters'>): QueryResult<unknown>
  /** Forgets the prepared statements, because the schema under them has changed. */
  forget(): void
}

/** Wraps a connection; everything it runs is told to `observe`. */
export const createSession = (
  database: BetterSqlite3.Database,
  role: QueryEvent['role'],
  observe: Observe,
): SqliteSession => {
  const statements = createLru<string, Prepared>(MOST_STATEMENTS)

  const prepare = (sql: string): Prepared => {
    const known = statements.get(sql)
    if (known) return known
    const statement = database.prepare<unknown[], Record<string, unknown>>(sql)
    const decode = statement.reader ? decoderOf(statement.columns()) : null
    const prepared = { statement, decode, shape: shapeOf(sql) }
    statements.set(sql, prepared)
    return prepared
  }

  const execute = ({ statement, decode }: Prepared, parameters: readonly unknown[]) => {
    const values = parameters.length === 0 ? parameters : encode(parameters)
    if (!statement.reader) {
      const { changes } = statement.run(values)
      return { numAffectedRows: BigInt(changes), rows: NO_ROWS }
    }
    const rows = statement.all(values)
    decode?.(rows)
    return { rows }
  }

  const run: SqliteSession['run'] = (query) => {
    const startedAt = performance.now()
    let shape = query.sql
    try {
      const prepared = prepare(query.sql)
      shape = prepared.shape
      const result = execute(prepared, query.parameters)
      observe(role, shape, startedAt, result.rows.length)
      return result
    } catch (error) {
      observe(role, shape, startedAt, 0, error)
      throw translate(error)
    }
  }

  return {
    database,
    get statements() {
      return statements.size
    },
    run,
    forget: () => statements.clear(),
    // An async function so that what the driver throws becomes a rejection.
    executeQuery: async <R>(query: CompiledQuery) => run(query) as QueryResult<R>,
    async *streamQuery<R>(query: CompiledQuery, chunkSize: number) {
      // A statement that is being walked can't be shared, so it is not one of the kept ones.
      const statement = database.prepare<unknown[], Record<string, unknown>>(query.sql)
      const decode = decoderOf(statement.columns())
      let rows: Rows = []
      for (const row of statement.iterate(encode(query.parameters))) {
        rows.push(row)
        if (rows.length < chunkSize) continue
        decode?.(rows)
        yield { rows: rows as R[] }
        rows = []
      }
      decode?.(rows)
      if (rows.length > 0) yield { rows: rows as R[] }
    },
  }
}
