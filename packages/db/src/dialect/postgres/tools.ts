import { sql } from 'kysely'
import type { ColumnTypes, SchemaTools } from '../../columns.ts'
import { createSearch, dropSearch } from './search.ts'

// By code point, as the other engine compares, and not by the rules of whatever locale the server has.
const text = sql`text collate "C"`

const type: ColumnTypes = {
  id: text,
  text,
  integer: 'integer',
  bigint: 'bigint',
  real: 'double precision',
  boolean: 'boolean',
  json: 'jsonb',
  moment: sql`timestamptz(3)`,
}

/** The tools of a migration on this engine. */
export const toolsOf = (db: SchemaTools['db']): SchemaTools => ({
  schema: db.schema,
  db,
  type,
  async appendOnly(table, old) {
    const name = sql.id(`${table}_append_only`)
    const served = old
      ? `if tg_op = 'DELETE' then
          if exists (select 1 from "${old.retentions}" where table_name = tg_table_name and old."${old.moment}" < kept_since)
          then return old; end if;
        end if;`
      : ''
    await sql`create function ${name}() returns trigger language plpgsql as ${sql.lit(`begin
      ${served}
      raise exception 'append-only: ${table.replaceAll("'", "''")}' using errcode = 'check_violation',
        constraint = tg_table_name || '_append_only', table = tg_table_name;
    end`)}`.execute(db)
    await sql`create trigger ${name} before update or delete on ${sql.table(table)}
      for each row execute function ${name}()`.execute(db)
  },
  async dropAppendOnly(table) {
    const name = sql.id(`${table}_append_only`)
    await sql`drop trigger ${name} on ${sql.table(table)}`.execute(db)
    await sql`drop function ${name}()`.execute(db)
  },
  search: {
    create: (table, columns) => createSearch(db, table, columns),
    drop: (table) => dropSearch(db, table),
  },
})
