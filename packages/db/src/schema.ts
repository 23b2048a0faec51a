import { type Database, engineOf } from './database.ts'
import { MIGRATIONS_TABLE } from './migrate.ts'

/** A column in words that are the same on every engine. */
export interface ColumnSchema {
  name: string
  /** A `ColumnKind`, or the engine's own word for a type that is none. */
  kind: string
  nullable: boolean
}

/** An index; names are left out, as engines make up their own. */
export interface IndexSchema {
  columns: string[]
  unique: boolean
  /** Whether it holds only the rows of a condition. */
  partial: boolean
}

/** A reference to another table, and what happens when its row goes. */
export interface ForeignKeySchema {
  columns: string[]
  table: string
  targets: string[]
  /** In lower case: `no action`, `cascade`, `set null`, `restrict` or `set default`. */
  onDelete: string
}

/** A table in words that are the same on every engine. */
export interface TableSchema {
  name: string
  columns: ColumnSchema[]
  primaryKey: string[]
  indexes: IndexSchema[]
  foreignKeys: ForeignKeySchema[]
  /** Names of the check constraints. */
  checks: string[]
  /** Columns of its full text, empty without one. */
  search: string[]
  appendOnly: boolean
}

const byName = (a: string, b: string) => (a < b ? -1 : Number(a > b))
const byColumns = (a: { columns: string[] }, b: { columns: string[] }) =>
  byName(a.columns.join(), b.columns.join())

/** Tables as an engine reads them, sorted, without the one that keeps the migrations. */
export const sortedTables = (tables: readonly TableSchema[]): TableSchema[] =>
  tables
    .filter(({ name }) => name !== MIGRATIONS_TABLE)
    .sort((a, b) => byName(a.name, b.name))
    .map((table) => ({
      ...table,
      indexes: table.indexes.sort(byColumns),
      foreignKeys: table.foreignKeys.sort(byColumns),
      checks: table.checks.sort(byName),
    }))

/** The schema as it is in the database, sorted: equal migrations give equal answers on every engine. */
export const schemaOf = async <T>(db: Database<T>): Promise<TableSchema[]> => {
  const { engine, handle } = engineOf(db)
  return sortedTables(await engine.tables(handle))
}
