import { sql } from 'kysely'
import type { SchemaTools } from '../../columns.ts'

type Db = SchemaTools['db']

interface Reference {
  table: string
  name: string
  definition: string
}

interface Sequence {
  table: string
  column: string
  sequence: string
}

// A row that brings its own number does not move the sequence behind the column.
const moveSequences = async (db: Db): Promise<void> => {
  const { rows } = await sql<Sequence>`
    select c.relname as "table", a.attname as "column", pg_get_serial_sequence(c.oid::regclass::text, a.attname) as sequence
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace and a.attnum > 0
      and not a.attisdropped and pg_get_serial_sequence(c.oid::regclass::text, a.attname) is not null`.execute(
    db,
  )
  for (const { table, column, sequence } of rows)
    await sql`select setval(${sequence}, greatest(max(${sql.ref(column)}), 1), max(${sql.ref(column)}) is not null)
      from ${sql.table(table)}`.execute(db)
}

/**
 * Takes the foreign keys away and makes them again, which checks each in one pass; deferred checks would be kept row by
 * row in the server's memory until the end.
 */
export const suspendReferences = async (db: Db): Promise<() => Promise<void>> => {
  const { rows } = await sql<Reference>`
    select c.relname as "table", k.conname as name, pg_get_constraintdef(k.oid) as definition
    from pg_constraint k join pg_class c on c.oid = k.conrelid
    where k.contype = 'f' and c.relnamespace = current_schema()::regnamespace order by k.oid`.execute(db)
  for (const { table, name } of rows)
    await sql`alter table ${sql.table(table)} drop constraint ${sql.id(name)}`.execute(db)
  return async () => {
    for (const { table, name, definition } of rows)
      await sql`alter table ${sql.table(table)} add constraint ${sql.id(name)} ${sql.raw(definition)}`.execute(
        db,
      )
    await moveSequences(db)
  }
}
