import { type Database, schemaOf, type WriteDb } from '@plinth/db'
import { sql } from 'kysely'

const namesByDatabase = new WeakMap<object, Promise<readonly string[]>>()

/** The names of all tables; the schema stays as it is while the matrix runs. */
export const tableNames = <T>(db: Database<T>): Promise<readonly string[]> => {
  const known = namesByDatabase.get(db) ?? schemaOf(db).then((tables) => tables.map((table) => table.name))
  namesByDatabase.set(db, known)
  return known
}

/** How many rows each table has. */
export const rowCounts = async <T>(db: Database<T>): Promise<Readonly<Record<string, number>>> => {
  const names = await tableNames(db)
  const count = (name: string) => sql`select ${name} as name, count(*) as count from ${sql.table(name)}`
  const all = sql<{ name: string; count: number }>`${sql.join(names.map(count), sql` union all `)}`
  const { rows } = await db.transaction((trx) => all.execute(trx))
  return Object.fromEntries(rows.map((row) => [row.name, Number(row.count)]))
}

/** Every row of a table, as it is stored. */
export const rowsOf = async <T>(trx: WriteDb<T>, name: string): Promise<readonly unknown[]> => {
  const { rows } = await sql`select * from ${sql.table(name)}`.execute(trx)
  return rows
}
