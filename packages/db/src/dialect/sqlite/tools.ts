import { sql } from 'kysely'
import type { ColumnTypes, SchemaTools } from '../../columns.ts'
import { changeRules } from './rules.ts'
import { createSearch, dropSearch } from './search.ts'

// The declared names decide how a column is read; those that hold text end in it, because the engine
// would try to store them as numbers otherwise.
const type: ColumnTypes = {
  id: 'text',
  text: 'text',
  integer: 'integer',
  bigint: 'bigint',
  real: 'real',
  boolean: 'boolean',
  json: sql`json_text`,
  moment: sql`moment_text`,
}

const EVENTS = ['update', 'delete'] as const

/** The tools of a migration on this engine. */
export const toolsOf = (db: SchemaTools['db']): SchemaTools => ({
  schema: db.schema,
  db,
  type,
  async appendOnly(table, old) {
    const kept = old
      ? sql`when not exists (select 1 from ${sql.table(old.retentions)}
          where table_name = ${sql.lit(table)} and old.${sql.ref(old.moment)} < kept_since)`
      : sql``
    for (const event of EVENTS)
      await sql`create trigger ${sql.id(`${table}_append_only_${event}`)} before ${sql.raw(event)} on ${sql.table(table)}
        ${event === 'delete' ? kept : sql``}
        begin select raise(abort, ${sql.lit(`append-only: ${table}`)}); end`.execute(db)
  },
  async dropAppendOnly(table) {
    for (const event of EVENTS) await sql`drop trigger ${sql.id(`${table}_append_only_${event}`)}`.execute(db)
  },
  changeRules: (table, changes) => changeRules(db, table, changes),
  search: {
    create: (...asked) => createSearch(db, ...asked),
    drop: (table) => dropSearch(db, table),
  },
})
