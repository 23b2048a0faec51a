import { dialectOf, type Page, pageOf, readRows } from '@plinth/db'
import { sql } from 'kysely'
import type { Reader } from '../db.ts'
import { type PageInput, readCursor } from '../paging.ts'
import type { ProductRow } from './queries.ts'
import {
  type After,
  type Asked,
  beginsWith,
  collect,
  type Found,
  MANY,
  type Stage,
  walk,
} from './search-stages.ts'
import { BY_RELEVANCE } from './sort.ts'

const NAME = ['folded_name']
const ALL = ['folded_name', 'folded_description']
// The last character there is: every text that begins with another lies before that text and this.
const LAST = '\u{10ffff}'

const begin = ({ folded }: Asked) =>
  sql<boolean>`(folded_name >= ${folded} and folded_name < ${folded + LAST})`

const countOfBeginnings = async (db: Reader, asked: Asked): Promise<number> => {
  const query = sql<{ count: number }>`select count(*) as count from (select 1 from products
    where deleted_at is null and ${begin(asked)} limit ${MANY}) as found`
  const [row] = await readRows(db, query)
  return row?.count ?? 0
}

/** The name is, or begins with, what was asked for. */
async function* byBeginning(db: Reader, asked: Asked): AsyncGenerator<Stage> {
  if ((await countOfBeginnings(db, asked)) < MANY) {
    yield collect(db, asked, begin(asked), 2)
    return
  }
  yield collect(db, asked, sql<boolean>`folded_name = ${asked.folded}`, 3)
  yield walk(db, 2, sql<boolean>`${beginsWith(asked)} and folded_name <> ${asked.folded}`)
}

/** The stages of a search, best first. Each is made when the one before did not fill the page. */
async function* stagesOf(db: Reader, asked: Asked, count: number): AsyncGenerator<Stage> {
  const { words } = asked
  const dialect = dialectOf(db)
  const inName = dialect.matches('products', words, { column: 'folded_name' })
  const named = await dialect.countMatches(db, 'products', words, { column: 'folded_name', most: MANY })
  if (named < MANY) yield collect(db, asked, inName, 1)
  else {
    yield* byBeginning(db, asked)
    const rowInName = dialect.matchesRow('products', words, NAME)
    yield walk(db, 1, sql<boolean>`${rowInName} and not ${beginsWith(asked)}`)
  }
  // Those that are in the description alone are many only if far more are found than in names.
  const described = named < MANY && count >= 2 * MANY
  const rowInAll = dialect.matchesRow('products', words, ALL)
  yield described
    ? walk(db, 0, sql<boolean>`${rowInAll} and not ${dialect.matchesRow('products', words, NAME)}`)
    : collect(db, asked, sql<boolean>`${dialect.matches('products', words)} and not ${inName}`, 0)
}

const afterOf = (cursor: string): After => {
  const [relevance, popularity, id] = readCursor(BY_RELEVANCE, cursor)
  return { relevance: Number(relevance), popularity: Number(popularity), id: String(id) }
}

/**
 * A page of a search that finds many products. To collect all of them and sort them would take as long as they are
 * many; here the best are looked for first, and of what is common the most popular, until the page is full.
 */
export const searchMany = async (
  db: Reader,
  asked: Asked,
  count: number,
  { limit, cursor }: PageInput,
): Promise<Page<ProductRow>> => {
  const after = cursor === undefined ? undefined : afterOf(cursor)
  const found: Found[] = []
  for await (const stage of stagesOf(db, asked, count)) {
    // What is behind the cursor is of no better relevance than it.
    if (after && after.relevance < stage.lowest) continue
    found.push(...(await stage.read(after, limit + 1 - found.length)))
    if (found.length > limit) break
  }
  return pageOf(found, limit, BY_RELEVANCE)
}
