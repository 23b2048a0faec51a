import { setImmediate as turn } from 'node:timers/promises'
import type { SchemaTools } from '../columns.ts'
import type { TableSchema } from '../schema.ts'
import { type BackupRow, createDigest, type TableDigest } from './format.ts'

/** A handle that reads tables by names that are known only when it runs. */
export type AnyTables = SchemaTools['db']

const CHUNK = 500

/** Every row of a table in the order of its key, a few at a time in memory; other work gets its turn in between. */
export async function* rowsOf(db: AnyTables, table: TableSchema): AsyncGenerator<BackupRow> {
  const names = table.columns.map(({ name }) => name)
  const plain = table.columns.filter(({ kind }) => kind !== 'json').map(({ name }) => name)
  const order = table.primaryKey.length > 0 ? table.primaryKey : plain
  let query = db.selectFrom(table.name).select(names)
  for (const name of order) query = query.orderBy(name)
  let count = 0
  for await (const found of query.stream(CHUNK)) {
    const row: Readonly<Record<string, unknown>> = found
    yield names.map((name) => row[name])
    count += 1
    if (count % CHUNK === 0) await turn()
  }
}

/** The digest of a table as it is now. */
export const digestOf = async (db: AnyTables, table: TableSchema): Promise<TableDigest> => {
  const digest = createDigest(table)
  for await (const row of rowsOf(db, table)) digest.add(row)
  return digest.end()
}
