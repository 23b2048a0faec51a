import { dialectOf, type Page, pageOf, readRows } from '@plinth/db'
import { sql } from 'kysely'
import type { Reader } from '../db.ts'
import { type PageInput, readCursor } from '../paging.ts'
import {
  type After,
  type Asked,
  begins,
  beginsWith,
  collectBeginning,
  collectWords,
  type Found,
  type Stage,
  skim,
  walk,
} from './search-stages.ts'
import { BY_RELEVANCE } from './sort.ts'

const NAME = ['folded_name']
const ALL = ['folded_name', 'folded_description']

/** How many names begin with what was asked for, counted up to a bound. */
export const countOfBeginnings = async (db: Reader, asked: Asked): Promise<number> => {
  const query = sql<{ count: number }>`select count(*) as count from (select 1 from products
    where deleted_at is null and ${begins(asked)} limit ${asked.bounds.begun}) as found`
  const [row] = await readRows(db, query)
  return row?.count ?? 0
}

/** About how many products hold the words, up to a bound. */
export const estimateAll = (db: Reader, { words, bounds }: Asked): Promise<number> =>
  dialectOf(db).estimateMatches(db, 'products', words, { most: 2 * bounds.many })

/** The same with the word to look by, where one of several is rare. */
export const byRareWord = async (db: Reader, asked: Asked): Promise<Asked> => {
  const { words, bounds } = asked
  const word = await dialectOf(db).rareWord(db, 'products', words, { most: bounds.rare })
  return word === undefined ? asked : { ...asked, lead: { word, columns: ALL } }
}

/** What is known of how many there are. */
interface Counts {
  readonly begun: number
  /** Left out: it is estimated when the names that begin with what was asked for do not fill the page. */
  readonly all?: number
}

/** The name is, or begins with, what was asked for. */
function* byBeginning(db: Reader, asked: Asked, begun: number): Generator<Stage> {
  if (begun < asked.bounds.begun) {
    yield collectBeginning(db, asked, 2)
    return
  }
  yield collectBeginning(db, asked, 3)
  yield walk(db, 2, sql<boolean>`${beginsWith(asked)} and folded_name <> ${asked.folded}`)
}

/** Where what was asked for is common: an estimate led here, so what decides about a walk of all is counted. */
async function* byCommonWords(db: Reader, asked: Asked): AsyncGenerator<Stage> {
  const { words, bounds } = asked
  const dialect = dialectOf(db)
  yield skim(db, asked)
  const named = await dialect.countMatches(db, 'products', words, {
    column: 'folded_name',
    most: bounds.many,
  })
  const inName = dialect.matchesRow('products', words, NAME)
  if (named >= bounds.many) {
    yield walk(db, 1, sql<boolean>`${inName} and not ${beginsWith(asked)}`)
    yield collectWords(db, asked, 0)
    return
  }
  yield collectWords(db, asked, 1)
  // Those that are in the description alone are many only if far more are found than in names.
  const all = await dialect.countMatches(db, 'products', words, { most: 2 * bounds.many })
  const inAll = dialect.matchesRow('products', words, ALL)
  yield all >= 2 * bounds.many
    ? walk(db, 0, sql<boolean>`${inAll} and not ${inName}`)
    : collectWords(db, asked, 0)
}

/** The stages of a search, best first. Each is made when the one before did not fill the page. */
async function* stagesOf(db: Reader, asked: Asked, counts: Counts): AsyncGenerator<Stage> {
  if (counts.begun > 0) yield* byBeginning(db, asked, counts.begun)
  const all = counts.all ?? (await estimateAll(db, asked))
  if (all >= 2 * asked.bounds.many) yield* byCommonWords(db, asked)
  else {
    const led = await byRareWord(db, asked)
    yield collectWords(db, led, 1)
    yield collectWords(db, led, 0)
  }
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
  counts: Counts,
  { limit, cursor }: PageInput,
): Promise<Page<Found>> => {
  const after = cursor === undefined ? undefined : afterOf(cursor)
  const found: Found[] = []
  for await (const stage of stagesOf(db, asked, counts)) {
    // What is behind the cursor is of no better relevance than it.
    if (after && after.relevance < stage.lowest) continue
    const last = found.at(-1)
    // A stage may hold what better ones held as well: it goes on behind the last of them.
    const from = last && last.relevance >= stage.lowest ? last : after
    found.push(...(await stage.read(from, limit + 1 - found.length)))
    if (found.length > limit) break
  }
  return pageOf(found, limit, BY_RELEVANCE)
}
