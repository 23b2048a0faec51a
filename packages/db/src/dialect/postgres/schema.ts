import { sql } from 'kysely'
import type { ColumnKind, SchemaTools } from '../../columns.ts'
import type { ColumnSchema, ForeignKeySchema, IndexSchema, TableSchema } from '../../schema.ts'

type Db = SchemaTools['db']

const KINDS: Readonly<Record<string, ColumnKind>> = {
  text: 'text',
  integer: 'integer',
  bigint: 'bigint',
  'double precision': 'real',
  boolean: 'boolean',
  jsonb: 'json',
  'timestamp(3) with time zone': 'moment',
}

const ON_DELETE: Readonly<Record<string, string>> = {
  a: 'no action',
  r: 'restrict',
  c: 'cascade',
  n: 'set null',
  d: 'set default',
}

// The columns named by an array of their numbers, in that order.
const namesOf = (numbers: string, table: string) =>
  sql<string[]>`(select coalesce(json_agg(coalesce(a.attname, '(expression)') order by k.at), '[]')
    from unnest(${sql.raw(numbers)}) with ordinality k(number, at)
    left join pg_attribute a on a.attrelid = ${sql.raw(table)} and a.attnum = k.number and k.number > 0)`

const columnsOf = async (db: Db, table: number): Promise<(ColumnSchema & { comment: string | null })[]> => {
  const { rows } = await sql<{ name: string; type: string; nullable: boolean; comment: string | null }>`
    select attname as name, format_type(atttypid, atttypmod) as type, not attnotnull as nullable,
      col_description(attrelid, attnum) as comment
    from pg_attribute where attrelid = ${table} and attnum > 0 and not attisdropped order by attnum`.execute(
    db,
  )
  return rows.map(({ type, ...row }) => ({ ...row, kind: KINDS[type] ?? type }))
}

const indexesOf = async (db: Db, table: number): Promise<(IndexSchema & { primary: boolean })[]> => {
  const { rows } = await sql<IndexSchema & { primary: boolean }>`
    select i.indisprimary as primary, i.indisunique as unique, i.indpred is not null as partial,
      ${namesOf('i.indkey::int2[]', 'i.indrelid')} as columns
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam
    where i.indrelid = ${table} and m.amname = 'btree'`.execute(db)
  return rows
}

const foreignKeysOf = async (db: Db, table: number): Promise<ForeignKeySchema[]> => {
  const { rows } = await sql<ForeignKeySchema>`
    select ${namesOf('conkey', 'conrelid')} as columns, confrelid::regclass::text as "table",
      ${namesOf('confkey', 'confrelid')} as targets, confdeltype as "onDelete"
    from pg_constraint where conrelid = ${table} and contype = 'f'`.execute(db)
  return rows.map((row) => ({ ...row, onDelete: ON_DELETE[row.onDelete] ?? row.onDelete }))
}

const checksOf = async (db: Db, table: number): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`
    select conname as name from pg_constraint where conrelid = ${table} and contype = 'c'`.execute(db)
  return rows.map(({ name }) => name)
}

const isAppendOnly = async (db: Db, table: number, name: string): Promise<boolean> => {
  const { rows } = await sql`
    select 1 from pg_trigger where tgrelid = ${table} and tgname = ${`${name}_append_only`}`.execute(db)
  return rows.length > 0
}

const describe = async (db: Db, oid: number, name: string): Promise<TableSchema> => {
  const columns = await columnsOf(db, oid)
  const indexes = await indexesOf(db, oid)
  return {
    name,
    columns: columns.filter(({ kind }) => kind !== 'tsvector').map(({ comment: _, ...column }) => column),
    primaryKey: indexes.find(({ primary }) => primary)?.columns ?? [],
    indexes: indexes.filter(({ primary }) => !primary).map(({ primary: _, ...index }) => index),
    foreignKeys: await foreignKeysOf(db, oid),
    checks: await checksOf(db, oid),
    search: columns.find(({ kind }) => kind === 'tsvector')?.comment?.split(',') ?? [],
    appendOnly: await isAppendOnly(db, oid, name),
  }
}

/** Reads the schema from the engine's catalogue, without what full-text search generates. */
export const tables = async (db: Db): Promise<TableSchema[]> => {
  const { rows } = await sql<{ oid: number; name: string }>`
    select oid::int4 as oid, relname as name from pg_class
    where relkind = 'r' and relnamespace = current_schema()::regnamespace`.execute(db)
  const described: TableSchema[] = []
  // One after the other: inside a transaction they all go over one connection.
  for (const { oid, name } of rows) described.push(await describe(db, oid, name))
  return described
}
