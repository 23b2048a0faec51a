import { sql } from 'kysely'
import type { ColumnKind, SchemaTools } from '../../columns.ts'
import type { ColumnSchema, ForeignKeySchema, IndexSchema, TableSchema } from '../../schema.ts'
import { searchedColumns } from './search.ts'

type Db = SchemaTools['db']

const KINDS: Readonly<Record<string, ColumnKind>> = {
  text: 'text',
  integer: 'integer',
  bigint: 'bigint',
  real: 'real',
  boolean: 'boolean',
  json_text: 'json',
  moment_text: 'moment',
}

interface ColumnRow {
  name: string
  type: string
  notnull: number
  pk: number
}

const columnsOf = async (db: Db, table: string) => {
  const { rows } = await sql<ColumnRow>`select * from pragma_table_info(${table})`.execute(db)
  const keys = rows.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk)
  const columns = rows.map(
    ({ name, type, notnull }): ColumnSchema => ({
      name,
      kind: KINDS[type.toLowerCase()] ?? type.toLowerCase(),
      nullable: notnull === 0,
    }),
  )
  return { columns, primaryKey: keys.map(({ name }) => name) }
}

const indexesOf = async (db: Db, table: string): Promise<IndexSchema[]> => {
  const { rows } = await sql<{ name: string; unique: number; origin: string; partial: number }>`
    select * from pragma_index_list(${table}) where origin <> 'pk'`.execute(db)
  return Promise.all(
    rows.map(async ({ name, unique, partial }) => {
      const columns = await sql<{ name: string | null }>`
        select name from pragma_index_info(${name}) order by seqno`.execute(db)
      return {
        columns: columns.rows.map((column) => column.name ?? '(expression)'),
        unique: unique === 1,
        partial: partial === 1,
      }
    }),
  )
}

interface ForeignKeyRow {
  id: number
  table: string
  from: string
  to: string
  on_delete: string
}

const foreignKeysOf = async (db: Db, table: string): Promise<ForeignKeySchema[]> => {
  const { rows } = await sql<ForeignKeyRow>`
    select * from pragma_foreign_key_list(${table}) order by id, seq`.execute(db)
  const groups = Map.groupBy(rows, ({ id }) => id)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    return {
      columns: group.map(({ from }) => from),
      table: first.table,
      targets: group.map(({ to }) => to),
      onDelete: first.on_delete.toLowerCase(),
    }
  })
}

const checksOf = (definition: string): string[] =>
  [...definition.matchAll(/constraint\s+"([^"]+)"\s+check\b/gi)].map((found) => found[1] ?? '')

/** Reads the schema from the engine's catalogue, without the tables of full-text indexes. */
export const tables = async (db: Db): Promise<TableSchema[]> => {
  const { rows } = await sql<{ name: string; sql: string; virtual: number }>`
    select m.name, m.sql, m.sql like 'create virtual table%' as virtual from sqlite_master m
    where m.type = 'table' and m.name not like 'sqlite\\_%' escape '\\'`.execute(db)
  const virtual = rows.filter((row) => row.virtual === 1).map(({ name }) => name)
  const internal = (name: string) => virtual.some((index) => name === index || name.startsWith(`${index}_`))
  return Promise.all(
    rows
      .filter(({ name }) => !internal(name))
      .map(async ({ name, sql: definition }) => ({
        name,
        ...(await columnsOf(db, name)),
        indexes: await indexesOf(db, name),
        foreignKeys: await foreignKeysOf(db, name),
        checks: checksOf(definition),
        search: await searchedColumns(db, name),
        appendOnly: await isAppendOnly(db, name),
      })),
  )
}

const isAppendOnly = async (db: Db, table: string) => {
  const { rows } = await sql`
    select 1 from sqlite_master where type = 'trigger' and name = ${`${table}_append_only_update`}`.execute(
    db,
  )
  return rows.length > 0
}
