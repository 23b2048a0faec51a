import { sql } from 'kysely'
import type { RuleChanges, SchemaTools } from '../../columns.ts'
import { MigrationError } from '../../errors.ts'

type Db = SchemaTools['db']

const SIGNS = /'[^']*'|"[^"]*"|[(),]/g

/** What stands between the commas of the top level: one in brackets or quotes parts nothing. */
const splitParts = (body: string): string[] => {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (const { 0: sign, index } of body.matchAll(SIGNS)) {
    if (sign === '(') depth += 1
    if (sign === ')') depth -= 1
    if (sign !== ',' || depth > 0) continue
    parts.push(body.slice(from, index).trim())
    from = index + 1
  }
  return [...parts, body.slice(from).trim()]
}

const indexOfOne = (table: string, parts: readonly string[], begin: string): number => {
  const at = parts.findIndex((part) => part.startsWith(begin))
  if (at === -1) throw new MigrationError(`${table} has nothing that begins with ${begin}`)
  return at
}

const changeParts = (
  table: string,
  before: readonly string[],
  { drop = [], add = {}, nullable = [], required = [] }: RuleChanges,
): string[] => {
  const parts = [...before]
  for (const name of drop) parts.splice(indexOfOne(table, parts, `constraint "${name}"`), 1)
  for (const name of nullable) {
    const at = indexOfOne(table, parts, `"${name}"`)
    parts[at] = parts[at]?.replace(/ not null\b/i, '') ?? ''
  }
  for (const name of required) {
    const at = indexOfOne(table, parts, `"${name}"`)
    parts[at] = `${parts[at] ?? ''} not null`
  }
  return [...parts, ...Object.entries(add).map(([name, body]) => `constraint "${name}" ${body}`)]
}

const textsOf = async (db: Db, table: string) => {
  const { rows } = await sql<{ type: string; sql: string }>`
    select type, sql from sqlite_schema where tbl_name = ${table} and sql is not null order by type = 'trigger'`.execute(
    db,
  )
  const made = rows.find(({ type }) => type === 'table')?.sql
  if (made === undefined) throw new MigrationError(`there is no table ${table}`)
  return { made, others: rows.filter(({ type }) => type !== 'table').map((row) => row.sql) }
}

/**
 * This engine can't change the rules of a table, so the table is made anew and takes over the rows, as its manual says
 * (lang_altertable, section 7). References are not followed meanwhile: a schema transaction checks them at its end.
 */
export const changeRules = async (db: Db, table: string, changes: RuleChanges): Promise<void> => {
  const { made, others } = await textsOf(db, table)
  const [open, close] = [made.indexOf('('), made.lastIndexOf(')')]
  const parts = changeParts(table, splitParts(made.slice(open + 1, close)), changes)
  const next = `${table}__next`
  await sql.raw(`create table "${next}" (${parts.join(', ')})${made.slice(close + 1)}`).execute(db)
  const columns = await sql<{ name: string }>`select name from pragma_table_info(${table})`.execute(db)
  const names = sql.join(columns.rows.map(({ name }) => sql.id(name)))
  await sql`insert into ${sql.table(next)} (${names}) select ${names} from ${sql.table(table)}`.execute(db)
  await sql`drop table ${sql.table(table)}`.execute(db)
  await sql`alter table ${sql.table(next)} rename to ${sql.id(table)}`.execute(db)
  for (const other of others) await sql.raw(other).execute(db)
}
