export type { ColumnKind, ColumnTypes, SchemaTools } from './columns.ts'
export { type Compiled, compiled, type Placeholder } from './compiled.ts'
export type { DbConfig, DbHooks, QueryEvent } from './config.ts'
export {
  createDb,
  type Database,
  dialectOf,
  type PoolStats,
  type ReadDb,
  type Row,
  readRows,
  savepoint,
  type WriteDb,
} from './database.ts'
export type { Dialect } from './dialect/types.ts'
export {
  DbConfigError,
  InvalidTextError,
  InvalidValueError,
  isUnavailable,
  MigrationError,
  PoolTimeoutError,
  UnavailableError,
} from './errors.ts'
export { foldText, searchWords } from './fold.ts'
export {
  CursorError,
  decodeCursor,
  encodeCursor,
  keyset,
  type Page,
  pageOf,
  type SortField,
} from './keyset.ts'
export { type Migration, type Migrations, migrate, rollback } from './migrate.ts'
export { json } from './parameters.ts'
export {
  type ColumnSchema,
  type ForeignKeySchema,
  type IndexSchema,
  schemaOf,
  type TableSchema,
} from './schema.ts'
export type { StatementCost } from './statements.ts'
export { type Violation, violation } from './violations.ts'
