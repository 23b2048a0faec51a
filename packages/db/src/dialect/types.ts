import type {
  CompiledQuery,
  DatabaseConnection,
  Expression,
  Dialect as KyselyDialect,
  QueryResult,
  SqlBool,
} from 'kysely'
import type { SchemaTools } from '../columns.ts'
import type { ReadDb, WriteDb } from '../database.ts'
import type { PoolStats } from '../pool-stats.ts'
import type { TableSchema } from '../schema.ts'
import type { Violation } from '../violations.ts'

/** What a query plan says: the tables it reads in full (no index), and the plan as the engine words it. */
export interface Plan {
  scans: string[]
  text: string
}

/** The few things that are written differently per engine and that code outside this package may need. */
export interface Dialect {
  /** The folded words of a search text, see `searchWords`. */
  searchWords(text: string): string[]
  /**
   * True for rows in which every word starts some word of the indexed columns, or of `column` alone.
   * `table` is the indexed table's name, also where the query gives it an alias (pass that as `alias`).
   * Words are folded here too; none match no rows.
   */
  matches(
    table: string,
    words: readonly string[],
    options?: { column?: string; alias?: string },
  ): Expression<SqlBool>
  /** Takes a lock of this name until the transaction ends; false if somebody else holds it. */
  tryLock<T>(trx: WriteDb<T>, key: string): Promise<boolean>
  /** Takes a lock of this name until the transaction ends, after waiting for whoever holds it. */
  lock<T>(trx: WriteDb<T>, key: string): Promise<void>
  /** Plans a query without running it, assuming tables big enough that an index is worth using. */
  explain<T>(db: ReadDb<T>, query: { compile(): CompiledQuery }): Promise<Plan>
}

/** A connection that belongs to one transaction until it is committed or rolled back. */
export interface WriteSession {
  readonly connection: DatabaseConnection
  /** Ends the transaction and gives the connection back; on failure nothing was kept. */
  commit(): Promise<void>
  /** Ends the transaction and gives the connection back; never rejects. */
  rollback(): Promise<void>
}

/** One database of one engine, as the rest of this package sees it. */
export interface Engine {
  readonly name: string
  readonly dialect: Dialect
  readonly kysely: Omit<KyselyDialect, 'createDriver'>
  /** Runs one statement on any read connection. */
  read(query: CompiledQuery): Promise<QueryResult<unknown>>
  /** The statement that starts a transaction which reads one state of the data. */
  readonly snapshot: string
  /** A read connection for one holder alone: snapshots and streams. */
  reserve(): Promise<{ connection: DatabaseConnection; release(): void }>
  /** Starts a transaction; one for `schema` waits for every other one of its kind. */
  begin(purpose: 'data' | 'schema'): Promise<WriteSession>
  /** Whether a transaction that failed like this may succeed when it is run again. */
  isRetryable(error: unknown): boolean
  tools(trx: SchemaTools['db']): SchemaTools
  tables(db: SchemaTools['db']): Promise<TableSchema[]>
  stats(): { read: PoolStats; write: PoolStats; statements: { cached: number } }
  close(): Promise<void>
}

/** Reads a driver's error as a violation; null when it is something else. */
export type ReadViolation = (error: object) => Violation | null
