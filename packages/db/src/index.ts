export { backupFileLines, checkBackupFile, writeBackupFile } from './backup/file.ts'
export { BackupError, type BackupSummary, type TableDigest } from './backup/format.ts'
export { backupLines } from './backup/lines.ts'
export { moveDatabase } from './backup/move.ts'
export { restoreLines } from './backup/restore.ts'
export type { ColumnKind, ColumnTypes, RuleChanges, SchemaTools } from './columns.ts'
export { type Compiled, compiled, type Placeholder } from './compiled.ts'
export { type DbConfig, type DbHooks, fileOf, type QueryEvent } from './config.ts'
export {
  createDb,
  createReadDb,
  type Database,
  dialectOf,
  type PoolStats,
  type ReadDatabase,
  type ReadDb,
  type Row,
  readRows,
  savepoint,
  type WriteDb,
} from './database.ts'
export type { Dialect, Lead, Measures, RankedOptions } from './dialect/types.ts'
export {
  DbConfigError,
  InvalidTextError,
  InvalidValueError,
  isUnavailable,
  MigrationError,
  PoolTimeoutError,
  UnavailableError,
} from './errors.ts'
export { foldName, foldText, searchWords } from './fold.ts'
export {
  CursorError,
  decodeCursor,
  encodeCursor,
  keyset,
  type Page,
  pageOf,
  type SortField,
} from './keyset.ts'
export { measure } from './measure.ts'
export { type Migration, type Migrations, migrate, rollback } from './migrate.ts'
export type { NoticeHooks, Notices } from './notices.ts'
export { type Orphan, orphansOf } from './orphans.ts'
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
