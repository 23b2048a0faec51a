import { type Expression, type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Ranked, SchemaTools } from '../../columns.ts'
import { searchWords } from '../../fold.ts'
import { createHolds, holdsAmong } from '../holds.ts'
import type { RankedOptions } from '../types.ts'

type Db = SchemaTools['db']

const run = (db: Db, text: string) => sql.raw(text).execute(db)
const quote = (name: string) => `"${name.replaceAll('"', '""')}"`

const names = (table: string) => ({
  index: quote(`${table}_search`),
  keys: quote(`${table}_search_keys`),
  trigger: (event: string) => quote(`${table}_search_${event}`),
})

// The lengths of the beginnings of words that are indexed as such; what is longer is rare enough to be merged.
const PREFIXES = '1 2 3 4 5 6 7 8'

/**
 * The index counts rows by a number. Tables here have text keys, and the hidden number of such a row may
 * change when the file is vacuumed, so the numbers are kept in a table of their own.
 */
export const createSearch = async (
  db: Db,
  table: string,
  columns: readonly string[],
  ranked?: Ranked,
): Promise<void> => {
  const { index, keys, trigger } = names(table)
  const owner = quote(table)
  const list = columns.map(quote).join(', ')
  const values = (row: string) => columns.map((column) => `coalesce(${row}.${quote(column)}, '')`).join(', ')
  const number = (row: string) => `(select doc from ${keys} where id = ${row}.id)`
  const rank = (row: string) =>
    ranked ? `case when ${row}.${quote(ranked.until)} is null then ${row}.${quote(ranked.by)} end` : 'null'
  const insert = `insert into ${index} (rowid, ${list}) values (${number('new')}, ${values('new')});`

  await run(db, `create table ${keys} (doc integer primary key, id text not null unique, rank integer)`)
  // The text is folded already: words are separated by spaces alone, which this tokenizer keeps to. A beginning that has
  // no index of its own is merged from all words that have it before its first row is known. Nobody asks for places.
  await run(
    db,
    `create virtual table ${index} using fts5(${list}, content='', contentless_delete=1, tokenize='ascii', detail=column, prefix='${PREFIXES}')`,
  )
  await run(
    db,
    `create trigger ${trigger('insert')} after insert on ${owner} begin
      insert into ${keys} (id, rank) values (new.id, ${rank('new')}); ${insert} end`,
  )
  await run(
    db,
    `create trigger ${trigger('update')} after update of id, ${list} on ${owner} begin
      delete from ${index} where rowid = ${number('old')};
      update ${keys} set id = new.id where id = old.id; ${insert} end`,
  )
  await run(
    db,
    `create trigger ${trigger('delete')} after delete on ${owner} begin
      delete from ${index} where rowid = ${number('old')}; delete from ${keys} where id = old.id; end`,
  )
  if (ranked)
    await run(
      db,
      `create trigger ${trigger('rank')} after update of ${quote(ranked.by)}, ${quote(ranked.until)} on ${owner} begin
        update ${keys} set rank = ${rank('new')} where id in (old.id, new.id); end`,
    )
  await run(db, `insert into ${keys} (id, rank) select id, ${rank('t')} from ${owner} as t`)
  await run(
    db,
    `insert into ${index} (rowid, ${list}) select k.doc, ${values('t')} from ${owner} t join ${keys} k on k.id = t.id`,
  )
}

/** Takes back `createSearch`; the table and its folded columns stay. */
export const dropSearch = async (db: Db, table: string): Promise<void> => {
  const { index, keys, trigger } = names(table)
  for (const event of ['insert', 'update', 'delete', 'rank'])
    await run(db, `drop trigger if exists ${trigger(event)}`)
  await run(db, `drop table ${index}`)
  await run(db, `drop table ${keys}`)
}

const queryOf = (words: readonly string[], column?: string): string => {
  // A folded word holds letters and digits alone, and quoted it is no operator of the index's language.
  const terms = words.map((word) => `"${word}"*`).join(' AND ')
  return column === undefined ? terms : `{${quote(column)}} : (${terms})`
}

/** See `Dialect.matches`. */
export const matches = (
  table: string,
  words: readonly string[],
  options: { column?: string; alias?: string } = {},
): Expression<SqlBool> => {
  const folded = searchWords(words.join(' '))
  if (folded.length === 0) return sql<SqlBool>`1 = 0`
  const index = sql.table(`${table}_search`)
  return sql<SqlBool>`${sql.ref(`${options.alias ?? table}.id`)} in (
    select k.id from ${sql.table(`${table}_search_keys`)} as k
    where k.doc in (select rowid from ${index} where ${index} match ${queryOf(folded, options.column)}))`
}

/** See `Dialect.holds`. */
export const holds = createHolds('instr')

/** See `Dialect.matchesRow`: a look into the text itself is cheaper than one into the index. */
export const matchesRow = (
  table: string,
  words: readonly string[],
  columns: readonly string[],
): Expression<SqlBool> => {
  const folded = searchWords(words.join(' '))
  if (folded.length === 0) return sql<SqlBool>`1 = 0`
  return holdsAmong(holds)(
    columns.map((column) => `${table}.${column}`),
    folded,
  )
}

/** See `Dialect.ranked`: the ranks stand beside the keys, in the order of the index. */
export const ranked = <By extends string>(
  table: string,
  words: readonly string[],
  { by }: Ranked<By>,
  { column, except }: RankedOptions = {},
): RawBuilder<{ id: string } & Record<By, number>> => {
  const folded = searchWords(words.join(' '))
  const index = sql.table(`${table}_search`)
  const without =
    except === undefined
      ? sql``
      : sql`and ${index}.rowid not in (select rowid from ${index} where ${index} match ${queryOf(folded, except)})`
  // No text is found by no word; the index itself would refuse it.
  const found =
    folded.length === 0
      ? sql`1 = 0`
      : sql`${index} match ${queryOf(folded, column)} ${without} and k.rank is not null`
  return sql`(select k.id, k.rank as ${sql.id(by)}
    from ${index} cross join ${sql.table(`${table}_search_keys`)} as k on k.doc = ${index}.rowid where ${found})`
}

/** See `Dialect.countMatches`. */
export const countMatches = async (
  db: Kysely<unknown>,
  table: string,
  words: readonly string[],
  { column, most }: { column?: string; most: number },
): Promise<number> => {
  const folded = searchWords(words.join(' '))
  if (folded.length === 0) return 0
  const index = sql.table(`${table}_search`)
  const { rows } = await sql<{ count: number }>`select count(*) as count from
    (select 1 from ${index} where ${index} match ${queryOf(folded, column)} limit ${most})`.execute(db)
  return rows[0]?.count ?? 0
}

/** The columns of a table's full text; empty when it has none. */
export const searchedColumns = async (db: Kysely<unknown>, table: string): Promise<string[]> => {
  const { rows } = await sql<{
    name: string
  }>`select name from pragma_table_info(${`${table}_search`})`.execute(db)
  return rows.map(({ name }) => name)
}
