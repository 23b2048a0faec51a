import type { SchemaTools } from '../columns.ts'
import { type Database, engineOf } from '../database.ts'
import type { Engine } from '../dialect/types.ts'
import { applyMissing, MIGRATIONS_TABLE, type Migrations, takeBack } from '../migrate.ts'
import { json } from '../parameters.ts'
import { sortedTables, type TableSchema } from '../schema.ts'
import {
  BackupError,
  type BackupHeader,
  type BackupRow,
  type BackupSummary,
  sameRows,
  type TableDigest,
} from './format.ts'
import { type BackupTable, readBackup } from './reader.ts'
import { digestOf } from './rows.ts'

// Far below the parameters that an engine takes in one statement.
const MOST_ROWS = 500
const MOST_PARAMETERS = 15_000

const hasRows = async ({ db }: SchemaTools, { name }: TableSchema): Promise<boolean> =>
  (
    await db
      .selectFrom(name)
      .select(({ lit }) => lit(1).as('one'))
      .limit(1)
      .execute()
  ).length > 0

const clear = async (tools: SchemaTools, tables: readonly TableSchema[]): Promise<void> => {
  for (const table of tables) {
    if (!(await hasRows(tools, table))) continue
    const { name, appendOnly } = table
    if (appendOnly) await tools.dropAppendOnly(name)
    await tools.db.deleteFrom(name).execute()
    if (appendOnly) await tools.appendOnly(name)
  }
}

const requireKnown = ({ migrations }: BackupHeader, known: Migrations): void => {
  const unknown = migrations.filter((name) => !Object.hasOwn(known, name))
  if (unknown.length > 0)
    throw new BackupError(
      `the backup is newer than this version, which does not know its migrations ${unknown.join(', ')}: restore it with the version that made it, or a newer one`,
    )
}

const valuesOf = (table: TableSchema, part: BackupTable, row: BackupRow): Record<string, unknown> =>
  Object.fromEntries(
    part.columns.map(({ name, kind }, index) => {
      const value = row[index] ?? null
      if (kind !== 'json') return [name, value]
      const nullable = table.columns.some((column) => column.name === name && column.nullable)
      return [name, value === null && nullable ? null : json(value)]
    }),
  )

const requireColumns = (table: TableSchema, { name, columns }: BackupTable): void => {
  const wordsOf = (list: BackupTable['columns']) =>
    list.map((column) => `${column.name} ${column.kind}`).sort()
  const [here, there] = [wordsOf(table.columns).join(', '), wordsOf(columns).join(', ')]
  if (here !== there)
    throw new BackupError(`the table ${name} has other columns in the backup: ${there}, and not ${here}`)
}

const loadTable = async (tools: SchemaTools, table: TableSchema, part: BackupTable): Promise<TableDigest> => {
  requireColumns(table, part)
  const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_PARAMETERS / part.columns.length)))
  let rows: Record<string, unknown>[] = []
  const flush = async (): Promise<void> => {
    if (rows.length > 0) await tools.db.insertInto(table.name).values(rows).execute()
    rows = []
  }
  for await (const row of part.rows) {
    rows.push(valuesOf(table, part, row))
    if (rows.length >= most) await flush()
  }
  await flush()
  return part.digest()
}

const loadAll = async (
  tools: SchemaTools,
  tables: readonly TableSchema[],
  parts: AsyncGenerator<BackupTable>,
): Promise<TableDigest[]> => {
  const digests: TableDigest[] = []
  for await (const part of parts) {
    const table = tables.find(({ name }) => name === part.name)
    if (!table) throw new BackupError(`the backup has a table ${part.name}, which its migrations do not make`)
    digests.push(await loadTable(tools, table, part))
  }
  const absent = tables.filter(({ name }) => !digests.some(({ table }) => table === name))
  if (absent.length > 0)
    throw new BackupError(`the backup lacks the tables ${absent.map(({ name }) => name).join(', ')}`)
  return digests
}

/** Reads back what the database now holds: a backup is restored when the engine says so, not the program. */
const compare = async (
  { db }: SchemaTools,
  tables: readonly TableSchema[],
  digests: readonly TableDigest[],
): Promise<void> => {
  for (const told of digests) {
    const table = tables.find(({ name }) => name === told.table)
    if (!table || !sameRows(await digestOf(db, table), told))
      throw new BackupError(
        `the table ${told.table} reads back otherwise than it was written; nothing was kept`,
      )
  }
}

interface RestoreOptions {
  /** Deletes what the database holds; without it a database that is not empty is refused. */
  readonly replace?: boolean
}

const requireEmpty = async (tools: SchemaTools, tables: readonly TableSchema[]): Promise<void> => {
  const occupied: string[] = []
  for (const table of tables) if (await hasRows(tools, table)) occupied.push(table.name)
  if (occupied.length > 0)
    throw new BackupError(
      `the database is not empty (${occupied.slice(0, 5).join(', ')}): restore into an empty one, or add --replace to delete what it holds`,
    )
}

/** Takes away what stands in the database, rows first: steps back are made for empty tables. */
const takeDown = async (engine: Engine, tools: SchemaTools, migrations: Migrations): Promise<void> => {
  const found = await engine.tables(tools.db)
  const restore = await engine.suspendReferences(tools.db)
  await clear(tools, sortedTables(found))
  await restore()
  if (found.some(({ name }) => name === MIGRATIONS_TABLE)) await takeBack(tools, migrations, 'all')
}

const restoreRows = async (
  engine: Engine,
  tools: SchemaTools,
  parts: AsyncGenerator<BackupTable>,
): Promise<TableDigest[]> => {
  const tables = sortedTables(await engine.tables(tools.db))
  const restore = await engine.suspendReferences(tools.db)
  // What the migrations themselves brought is in the backup too, as it was when that was made.
  await clear(tools, tables)
  const digests = await loadAll(tools, tables, parts)
  await compare(tools, tables, digests)
  await restore()
  return digests
}

/**
 * Puts a backup into a database, all or nothing: builds the schema that the backup was made from, loads its rows, reads
 * them back and compares, then applies the migrations that came later. `open` is called again when the engine asks for
 * another try.
 */
export const restoreLines = async <T>(
  database: Database<T>,
  open: () => AsyncIterable<string, undefined>,
  migrations: Migrations,
  { replace = false }: RestoreOptions = {},
): Promise<BackupSummary> => {
  const { engine, transact } = engineOf(database)
  return transact('schema', (trx) =>
    readBackup(open(), async ({ header, tables: parts }) => {
      requireKnown(header, migrations)
      const tools = engine.tools(trx)
      if (!replace) await requireEmpty(tools, sortedTables(await engine.tables(tools.db)))
      await takeDown(engine, tools, migrations)
      const made = Object.entries(migrations).filter(([name]) => header.migrations.includes(name))
      await applyMissing(tools, Object.fromEntries(made))
      const tables = await restoreRows(engine, tools, parts)
      await applyMissing(tools, migrations)
      return { madeAt: header.madeAt, migrations: header.migrations, tables }
    }),
  )
}
