import { type Database, engineOf } from '../database.ts'
import { MIGRATIONS_TABLE } from '../migrate.ts'
import { sortedTables, type TableSchema } from '../schema.ts'
import { BackupError, type BackupHeader, createDigest, type TableDigest } from './format.ts'
import { type AnyTables, digestOf, rowsOf } from './rows.ts'

interface Snapshot {
  readonly db: AnyTables
  readonly tables: readonly TableSchema[]
  readonly migrations: readonly string[]
}

const unmigrated = () => new BackupError('the database has no tables of ours yet: run `plinth migrate` first')

const read = async (db: AnyTables, all: readonly TableSchema[]): Promise<Snapshot> => {
  if (!all.some(({ name }) => name === MIGRATIONS_TABLE)) throw unmigrated()
  const applied = await db.selectFrom(MIGRATIONS_TABLE).select('name').orderBy('name').execute()
  if (applied.length === 0) throw unmigrated()
  return { db, tables: sortedTables(all), migrations: applied.map(({ name }) => String(name)) }
}

// A generator can't stand inside a callback, so the transaction is held by hand.
async function* inSnapshot<T, R>(
  database: Database<T>,
  work: (snapshot: Snapshot) => AsyncGenerator<R>,
): AsyncGenerator<R, undefined> {
  const { engine, handle } = engineOf(database)
  const trx = await handle.startTransaction().execute()
  try {
    yield* work(await read(trx, await engine.tables(trx)))
  } finally {
    await trx.rollback().execute()
  }
}

async function* tableLines(db: AnyTables, table: TableSchema): AsyncGenerator<string, undefined> {
  const { name, columns } = table
  yield JSON.stringify({ table: name, columns: columns.map((column) => [column.name, column.kind]) })
  const digest = createDigest(table)
  for await (const row of rowsOf(db, table)) {
    const line = JSON.stringify(row)
    digest.add(row, line)
    yield line
  }
  yield JSON.stringify({ end: digest.end() })
}

/**
 * The whole database as lines of JSON, read in one state of the data while others go on writing: a header, then for
 * each table its columns, its rows and its digest, then how many tables there were.
 */
export const backupLines = <T>(database: Database<T>): AsyncGenerator<string, undefined> =>
  inSnapshot(database, async function* ({ db, tables, migrations }) {
    const header: BackupHeader = {
      plinth: 'backup',
      format: 1,
      madeAt: new Date().toISOString(),
      migrations,
    }
    yield JSON.stringify(header)
    for (const table of tables) yield* tableLines(db, table)
    yield JSON.stringify({ tables: tables.length })
  })

/** The digests of all tables, read in one state of the data. */
export const digestsOf = async <T>(database: Database<T>): Promise<TableDigest[]> => {
  const all = inSnapshot(database, async function* ({ db, tables }) {
    for (const table of tables) yield await digestOf(db, table)
  })
  const digests: TableDigest[] = []
  for await (const digest of all) digests.push(digest)
  return digests
}
