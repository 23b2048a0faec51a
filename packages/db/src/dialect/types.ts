import type {
  CompiledQuery,
  DatabaseConnection,
  Expression,
  Kysely,
  Dialect as KyselyDialect,
  QueryResult,
  RawBuilder,
  SqlBool,
} from 'kysely'
import type { Ranked, SchemaTools } from '../columns.ts'
import type { ReadDb, WriteDb } from '../database.ts'
import type { Notices } from '../notices.ts'
import type { PoolStats } from '../pool-stats.ts'
import type { TableSchema } from '../schema.ts'
import type { Violation } from '../violations.ts'

/** What a query plan says: the tables it reads in full (no index), and the plan as the engine words it. */
export interface Plan {
  scans: string[]
  text: string
}

/** A word that is looked for in the index alone, and the columns in whose texts the others are looked for then. */
export interface Lead {
  readonly word: string
  readonly columns: readonly string[]
}

/** Which of the rows that hold the words. */
export interface RankedOptions {
  /** Those that hold all of them in this column. */
  readonly column?: string
  /** Not those that hold all of them in this column. */
  readonly except?: string
  /** See `Dialect.rareWord`. */
  readonly lead?: Lead | undefined
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
    options?: { column?: string; alias?: string; lead?: Lead | undefined },
  ): Expression<SqlBool>
  /**
   * The same as `matches` for a query that takes its first rows in an order of its own: the condition looks at each row
   * as it comes and never collects all that fit. Right where they are many. `columns` are those that are indexed, or
   * the one that alone counts.
   */
  matchesRow(table: string, words: readonly string[], columns: readonly string[]): Expression<SqlBool>
  /** True where every word starts some word of one column, by its text alone: for a query that walks an index that holds it. */
  holds(column: string, words: readonly string[]): Expression<SqlBool>
  /**
   * A subquery of `id` and the column `ranked.by` for the rows that `matches` would find and that are still to be found:
   * to collect and sort many of them it looks at no row of the table itself, where the engine can do without.
   * The full text must have been created with the same `ranked`.
   */
  ranked<By extends string>(
    table: string,
    words: readonly string[],
    ranked: Ranked<By>,
    options?: RankedOptions,
  ): RawBuilder<{ id: string } & Record<By, number>>
  /**
   * About as many rows as `matches` would find, where to count them is not worth its time: it only decides how to look. SQLite
   * counts no further than `most`; Postgres asks its planner, whose statistics may be old or missing.
   */
  estimateMatches<T>(
    db: ReadDb<T> | WriteDb<T>,
    table: string,
    words: readonly string[],
    options: { most: number },
  ): Promise<number>
  /**
   * The rarest of several words, if about `most` rows hold it at the most and the engine finds them sooner by it than by all
   * words together. As a `Lead` it makes `matches` and `ranked` look that way.
   */
  rareWord<T>(
    db: ReadDb<T> | WriteDb<T>,
    table: string,
    words: readonly string[],
    options: { most: number },
  ): Promise<string | undefined>
  /** How many rows `matches` would find, counted no further than `most`. */
  countMatches<T>(
    db: ReadDb<T> | WriteDb<T>,
    table: string,
    words: readonly string[],
    options: { column?: string; most: number },
  ): Promise<number>
  /** Takes a lock of this name until the transaction ends; false if somebody else holds it. */
  tryLock<T>(trx: WriteDb<T>, key: string): Promise<boolean>
  /** Takes a lock of this name until the transaction ends, after waiting for whoever holds it. */
  lock<T>(trx: WriteDb<T>, key: string): Promise<void>
  /** The moment by the clock of the database, which all processes that share it agree on. */
  now<T>(db: ReadDb<T>): Promise<Date>
  /** Plans a query without running it, assuming tables big enough that an index is worth using. */
  explain<T>(db: ReadDb<T>, query: { compile(): CompiledQuery }): Promise<Plan>
}

/** What a database takes up and what it is busy with, at one moment. */
export interface Measures {
  /** Bytes on disk, with what is written ahead. */
  bytes: number
  /** Bytes that are still free where it lies; null where only its server knows. */
  freeBytes: number | null
  /** Statements that wait for a lock that another transaction holds. */
  lockWaits: number
  /** Connections that the server has given out to anybody, and the most it gives. */
  connections: { open: number; max: number }
}

/** A connection that belongs to one transaction until it is committed or rolled back. */
export interface WriteSession {
  readonly connection: DatabaseConnection
  /** Ends the transaction and gives the connection back; on failure nothing was kept. */
  commit(): Promise<void>
  /** Ends the transaction and gives the connection back; never rejects. */
  rollback(): Promise<void>
}

/** What reads need of an engine. */
export interface Reads {
  readonly dialect: Dialect
  readonly kysely: Omit<KyselyDialect, 'createDriver'>
  /** Runs one statement on any read connection. */
  read(query: CompiledQuery): Promise<QueryResult<unknown>>
  /** The statement that starts a transaction which reads one state of the data. */
  readonly snapshot: string
  /** A read connection for one holder alone: snapshots and streams. */
  reserve(): Promise<{ connection: DatabaseConnection; release(): void }>
}

/** Connections that the server holds to reading. */
export interface Reader extends Reads {
  stats(): PoolStats
  close(): Promise<void>
}

/** One database of one engine, as the rest of this package sees it. */
export interface Engine extends Reads {
  readonly name: string
  /** Where its server listens; null when there is none. */
  readonly address: string | null
  /** Starts a transaction; one for `schema` waits for every other one of its kind. */
  begin(purpose: 'data' | 'schema'): Promise<WriteSession>
  /** Whether a transaction that failed like this may succeed when it is run again. */
  isRetryable(error: unknown): boolean
  tools(trx: SchemaTools['db']): SchemaTools
  tables(db: SchemaTools['db']): Promise<TableSchema[]>
  /** Null where processes can't tell each other through the engine. */
  readonly notices: Notices | null
  /**
   * Lets rows be written and deleted in any order for a while, inside a transaction for `schema`. Call what it answers
   * when all rows are there: references are held again, and checked by then or at the commit.
   */
  suspendReferences(db: SchemaTools['db']): Promise<() => Promise<void>>
  /** What the database takes up and what it is busy with, now. */
  measure(db: SchemaTools['db']): Promise<Measures>
  stats(): { read: PoolStats; write: PoolStats; statements: { cached: number } }
  close(): Promise<void>
}

/** Reads a driver's error as a violation; null when it is something else. */
export type ReadViolation = (error: object) => Violation | null

/** A handle with its full type, for the dialects alone: what reads may read any table. */
export const fullHandle = <T>(db: ReadDb<T> | WriteDb<T>) => db as unknown as Kysely<unknown>
