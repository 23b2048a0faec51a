import { type Expression, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Ranked, SchemaTools } from '../../columns.ts'
import { searchWords } from '../../fold.ts'
import { createHolds, holdsAmong } from '../holds.ts'
import type { Lead, RankedOptions } from '../types.ts'

type Db = SchemaTools['db']

const COLUMN = 'search_words'

const indexOf = (table: string) => sql.id(`${table}_${COLUMN}`)

// A word of one column stands in the index twice: plain, and behind its column's name, so that a search
// can be limited to the column. The name stands between colons, which no word has: otherwise the name itself
// would be found by its first letters. Nothing is parsed on the way: the words are what the text folding made.
const wordsOf = (column: string) => {
  const text = sql`coalesce(${sql.id(column)}, '')`
  const tag = sql.lit(`:${column}:`)
  const separator = sql.lit(` :${column}:`)
  return sql`${text} || ' ' || ${tag} || replace(${text}, ' ', ${separator})`
}

/** Adds a generated column with the words of the given ones, and its index. */
export const createSearch = async (db: Db, table: string, columns: readonly string[]): Promise<void> => {
  const words = sql.join(columns.map(wordsOf), sql` || ' ' || `)
  await sql`alter table ${sql.table(table)} add column ${sql.id(COLUMN)} tsvector
    generated always as (array_to_tsvector(array_remove(string_to_array(${words}, ' '), ''))) stored`.execute(
    db,
  )
  await sql`comment on column ${sql.id(table, COLUMN)} is ${sql.lit(columns.join(','))}`.execute(db)
  // Without a list of pending rows, which every search would read from its start to its end.
  await sql`create index ${indexOf(table)} on ${sql.table(table)} using gin (${sql.id(COLUMN)})
    with (fastupdate = off)`.execute(db)
}

/** Takes back `createSearch`. */
export const dropSearch = async (db: Db, table: string): Promise<void> => {
  await sql`alter table ${sql.table(table)} drop column ${sql.id(COLUMN)}`.execute(db)
}

/** See `Dialect.holds`. */
export const holds = createHolds('strpos')

interface MatchOptions {
  readonly column?: string | undefined
  readonly alias?: string | undefined
  readonly lead?: Lead | undefined
}

/** A folded word holds letters and digits alone, and quoted it is no operator of the query type. */
const inIndex = (
  words: readonly string[],
  { column, alias }: MatchOptions,
  table: string,
): Expression<SqlBool> => {
  const tag = column === undefined ? '' : `:${column.replace(/[\\']/g, '$&$&')}:`
  const query = words.map((word) => `'${tag}${word}':*`).join(' & ')
  return sql<SqlBool>`${sql.ref(`${alias ?? table}.${COLUMN}`)} @@ cast(${query} as tsquery)`
}

/** See `Dialect.matches`. */
export const matches = (
  table: string,
  words: readonly string[],
  options: MatchOptions = {},
): Expression<SqlBool> => {
  const folded = searchWords(words.join(' '))
  if (folded.length === 0) return sql<SqlBool>`1 = 0`
  const { column, alias, lead } = options
  const others = folded.filter((word) => word !== lead?.word)
  if (!lead || others.length === 0) return inIndex(folded, options, table)
  const columns = (column === undefined ? lead.columns : [column]).map((name) => `${alias ?? table}.${name}`)
  return sql<SqlBool>`(${inIndex([lead.word], options, table)} and ${holdsAmong(holds)(columns, others)})`
}

/** See `Dialect.matchesRow`: the planner chooses by its statistics how to look. */
export const matchesRow = (
  table: string,
  words: readonly string[],
  columns: readonly string[],
): Expression<SqlBool> => {
  const [column, ...others] = columns
  return matches(table, words, column === undefined || others.length > 0 ? {} : { column })
}

/** See `Dialect.ranked`. */
export const ranked = <By extends string>(
  table: string,
  words: readonly string[],
  { by, until }: Ranked<By>,
  { column, except, lead }: RankedOptions = {},
): RawBuilder<{ id: string } & Record<By, number>> => {
  const found = matches(table, words, { column, lead })
  const without = except === undefined ? sql`` : sql`and not ${matches(table, words, { column: except })}`
  return sql`(select id, ${sql.id(by)} from ${sql.table(table)} where ${sql.id(until)} is null and ${found} ${without})`
}

/** See `Dialect.estimateMatches`. */
export const estimateMatches = async (
  db: Kysely<unknown>,
  table: string,
  words: readonly string[],
): Promise<number> => {
  const { rows } = await sql<{ 'QUERY PLAN': string }>`explain select 1 from ${sql.table(table)}
    where ${matches(table, words)}`.execute(db)
  const told = /\brows=(\d+)/.exec(rows[0]?.['QUERY PLAN'] ?? '')?.[1]
  if (told === undefined) throw new Error(`the planner tells no number of rows: ${rows[0]?.['QUERY PLAN']}`)
  return Number(told)
}

/** See `Dialect.rareWord`: the index collects all rows of all words that a beginning fits before it knows the first. */
export const rareWord = async (
  db: Kysely<unknown>,
  table: string,
  words: readonly string[],
  { most }: { most: number },
): Promise<string | undefined> => {
  let rarest: { readonly word: string; readonly rows: number } | undefined
  const folded = searchWords(words.join(' '))
  if (folded.length < 2) return undefined
  for (const word of folded) {
    const rows = await estimateMatches(db, table, [word])
    if (rows <= most && rows < (rarest?.rows ?? Number.POSITIVE_INFINITY)) rarest = { word, rows }
  }
  return rarest?.word
}

/** See `Dialect.countMatches`. */
export const countMatches = async (
  db: Kysely<unknown>,
  table: string,
  words: readonly string[],
  { column, most }: { column?: string; most: number },
): Promise<number> => {
  const found = matches(table, words, column === undefined ? {} : { column })
  const { rows } = await sql<{ count: number }>`select count(*) as count from
    (select 1 from ${sql.table(table)} where ${found} limit ${most}) as found`.execute(db)
  return rows[0]?.count ?? 0
}
