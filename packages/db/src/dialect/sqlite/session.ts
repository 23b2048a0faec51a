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
  /** How many columns a row has, where the schema decides that and not the text; otherwise null. */
  readonly width: number | null
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

// Only such a text gets more columns when a table does. A star that multiplies costs a comparison and no more.
const OPEN = /\*/

const widthOf = (row: Record<string, unknown>): number => {
  let width = 0
  for (const _ in row) width += 1
  return width
}

/**
 * Brings what a connection knows of the schema up to date, and answers whether it has. A statement is compiled by
 * what its connection knew, and would tell the columns of a table as they were before another connection changed it;
 * only running one makes the engine look.
 */
const schemaOf = (database: BetterSqlite3.Database) => {
  const version = database.prepare('pragma schema_version').pluck()
  const look = database.prepare('select 1 from sqlite_schema limit 1')
  let known: unknown
  return (): boolean => {
    const current = version.get()
    if (current === known) return false
    look.get()
    known = current
    return true
  }
}

/** Wraps a connection; everything it runs is told to `observe`. */
export const createSession = (
  database: BetterSqlite3.Database,
  role: QueryEvent['role'],
  observe: Observe,
): SqliteSession => {
  const statements = createLru<string, Prepared>(MOST_STATEMENTS)

  const refresh = schemaOf(database)

  const compile = (sql: string) => {
    const statement = database.prepare<unknown[], Record<string, unknown>>(sql)
    return statement.reader && refresh()
      ? database.prepare<unknown[], Record<string, unknown>>(sql)
      : statement
  }

  const prepare = (sql: string): Prepared => {
    const known = statements.get(sql)
    if (known) return known
    const statement = compile(sql)
    const columns = statement.reader ? statement.columns() : []
    const width = OPEN.test(sql) ? new Set(columns.map(({ name }) => name)).size : null
    const prepared = { statement, decode: decoderOf(columns), shape: shapeOf(sql), width }
    statements.set(sql, prepared)
    return prepared
  }

  /** Another process may have changed the schema since: rows of another width are read as they are now. */
  const decoderFor = (sql: string, { decode, width }: Prepared, [first]: Rows): Decode | null => {
    if (width === null || !first || widthOf(first) === width) return decode
    statements.clear()
    return prepare(sql).decode
  }

  const execute = (sql: string, prepared: Prepared, parameters: readonly unknown[]) => {
    const { statement } = prepared
    const values = parameters.length === 0 ? parameters : encode(parameters)
    if (!statement.reader) {
      const { changes } = statement.run(values)
      return { numAffectedRows: BigInt(changes), rows: NO_ROWS }
    }
    const rows = statement.all(values)
    decoderFor(sql, prepared, rows)?.(rows)
    return { rows }
  }

  const run: SqliteSession['run'] = (query) => {
    const startedAt = performance.now()
    let shape = query.sql
    try {
      const prepared = prepare(query.sql)
      shape = prepared.shape
      const result = execute(query.sql, prepared, query.parameters)
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
      const statement = compile(query.sql)
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
