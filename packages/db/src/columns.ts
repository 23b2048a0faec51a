import type { ColumnDataType, Expression, Kysely, SchemaModule } from 'kysely'

/** The kinds of column there are. `id` is a text too; `moment` is UTC with milliseconds. */
export type ColumnKind = 'text' | 'integer' | 'bigint' | 'real' | 'boolean' | 'json' | 'moment'

type DataType = ColumnDataType | Expression<unknown>

/**
 * Column types for migrations. They read back alike everywhere: `bigint` (also money in minor units) as a
 * safe integer, `json` as the value, `moment` as `YYYY-MM-DDTHH:mm:ss.sssZ`; text compares by code point.
 */
export type ColumnTypes = Readonly<Record<ColumnKind | 'id', DataType>>

/**
 * Which rows of an append-only table have served: those whose `moment` lies before `kept_since` of the row for
 * `table_name` in the table `retentions`.
 */
interface OldRows {
  readonly moment: string
  readonly retentions: string
}

/** What is found first among rows with the same words. */
export interface Ranked<By extends string = string> {
  /** The column of whole numbers by which the highest comes first. */
  readonly by: By
  /** The column that is null as long as the row may be found. */
  readonly until: string
}

/** Rules of a table that a migration changes, by name; the bodies are SQL that both engines read alike. */
export interface RuleChanges {
  /** Constraints that end. */
  readonly drop?: readonly string[]
  /** New constraints, such as `{ users_state_check: "check (state in ('active', 'banned'))" }`. */
  readonly add?: Readonly<Record<string, string>>
  /** Columns that may be null from now on. */
  readonly nullable?: readonly string[]
  /** Columns that may not be null any more; no row may hold one. */
  readonly required?: readonly string[]
}

/** What a migration works with; all of it belongs to the migration's one transaction. */
export interface SchemaTools {
  readonly schema: SchemaModule
  // biome-ignore lint/suspicious/noExplicitAny: a migration outlives the row types of today
  readonly db: Kysely<any>
  readonly type: ColumnTypes
  /**
   * Makes the database refuse every update and delete of the table's rows; with `old` it lets those be deleted that
   * have served.
   */
  appendOnly(table: string, old?: OldRows): Promise<void>
  dropAppendOnly(table: string): Promise<void>
  /**
   * Changes what a table demands of its rows. Rows, indexes, triggers and whoever refers to them stay; rows that break a
   * new rule fail the migration.
   */
  changeRules(table: string, changes: RuleChanges): Promise<void>
  /**
   * Full text over columns that hold `foldText()`; the table's primary key must be `id`. `ranked` is for
   * `Dialect.ranked()`.
   */
  readonly search: {
    create(table: string, columns: readonly string[], ranked?: Ranked): Promise<void>
    drop(table: string): Promise<void>
  }
}
