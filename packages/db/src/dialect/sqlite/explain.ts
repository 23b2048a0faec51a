import { type CompiledQuery, type Kysely, sql } from 'kysely'
import { aliasesOf } from '../aliases.ts'
import type { Plan } from '../types.ts'

/** Asks for the plan of a query; a walk along an index is no scan, one over the table itself is. */
export const explain = async (db: Kysely<unknown>, query: CompiledQuery): Promise<Plan> => {
  const plan: CompiledQuery<{ detail: string }> = { ...query, sql: `explain query plan ${query.sql}` }
  const { rows } = await db.executeQuery(plan)
  const aliases = aliasesOf(query.query)
  const own = await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(db)
  const tables = new Set(own.rows.map(({ name }) => name))
  const scans = rows.flatMap(({ detail }) => {
    const name = /^SCAN (\S+)$/.exec(detail)?.[1]
    const table = name === undefined ? undefined : (aliases.get(name) ?? name)
    return table !== undefined && tables.has(table) ? [table] : []
  })
  return { scans, text: rows.map(({ detail }) => detail).join('\n') }
}
