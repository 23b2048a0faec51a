import { type Database, engineOf } from './database.ts'
import type { ForeignKeySchema, TableSchema } from './schema.ts'
import { schemaOf } from './schema.ts'

/** A row that refers to one that is not there. */
export interface Orphan {
  readonly table: string
  /** Its primary key, as `column=value`. */
  readonly row: string
  /** What it refers to, such as `user_id=usr_1 of users`. */
  readonly missing: string
}

const wordsOf = (row: Record<string, unknown>, names: readonly string[], prefix: string): string =>
  names.map((name, index) => `${name}=${String(row[`${prefix}${index}`])}`).join(' ')

const orphansIn = async <T>(
  db: Database<T>,
  table: TableSchema,
  { columns, table: parent, targets }: ForeignKeySchema,
  most: number,
): Promise<Orphan[]> => {
  let query = engineOf(db)
    .handle.selectFrom(`${table.name} as child`)
    .select([
      ...table.primaryKey.map((name, index) => `child.${name} as key${index}`),
      ...columns.map((name, index) => `child.${name} as value${index}`),
    ])
    .where(({ not, exists, selectFrom, lit }) => {
      let found = selectFrom(`${parent} as parent`).select(lit(1).as('one'))
      for (const [index, name] of columns.entries())
        found = found.whereRef(`parent.${targets[index] ?? 'id'}`, '=', `child.${name}`)
      return not(exists(found))
    })
    .limit(most)
  for (const name of columns) query = query.where(`child.${name}`, 'is not', null)
  const rows = await query.execute()
  return rows.map((row) => ({
    table: table.name,
    row: wordsOf(row, table.primaryKey, 'key'),
    missing: `${wordsOf(row, columns, 'value')} of ${parent}`,
  }))
}

/** Rows whose foreign key leads nowhere, at most `most` of each key. The engines prevent it, unless they were told not to. */
export const orphansOf = async <T>(db: Database<T>, most: number): Promise<Orphan[]> => {
  const orphans: Orphan[] = []
  for (const table of await schemaOf(db))
    for (const key of table.foreignKeys) orphans.push(...(await orphansIn(db, table, key, most)))
  return orphans
}
