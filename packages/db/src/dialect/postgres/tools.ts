import { type RawBuilder, sql } from 'kysely'
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
  async changeRules(table, { drop = [], add = {}, nullable = [], required = [] }) {
    const alter = (change: RawBuilder<unknown>) => sql`alter table ${sql.table(table)} ${change}`.execute(db)
    for (const name of drop) await alter(sql`drop constraint ${sql.id(name)}`)
    for (const name of nullable) await alter(sql`alter column ${sql.id(name)} drop not null`)
    for (const name of required) await alter(sql`alter column ${sql.id(name)} set not null`)
    for (const [name, body] of Object.entries(add))
      await alter(sql`add constraint ${sql.id(name)} ${sql.raw(body)}`)
  },
  search: {
    create: (table, columns) => createSearch(db, table, columns),
    drop: (table) => dropSearch(db, table),
  },
})
