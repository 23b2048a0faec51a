import { dialectOf, encodeCursor, keyset, type Lead, type RankedOptions } from '@plinth/db'
import { type Expression, type SqlBool, sql } from 'kysely'
import type { Reader } from '../db.ts'
import { type Filters, filtered } from './filters.ts'
import { living, productColumns } from './queries.ts'
import { BY_POPULARITY, BY_RELEVANCE } from './sort.ts'

/** How many are few or many; any bounds give the same answers, in other time. */
export interface Bounds {
  /** Up to so many that are found, one statement works out how well each of them fits. */
  readonly few: number
  /** From so many on, those whose name begins with what was asked for are walked by popularity, and not collected. */
  readonly begun: number
  /** From so many on, others of one relevance are no longer collected and sorted for one page. */
  readonly many: number
  /** Up to so many products that hold one of several words are looked at for the others. */
  readonly rare: number
  /** So many names are looked at before the full text is asked for what is common. */
  readonly skimmed: number
}

/** Measured: at these bounds either way takes some 5 ms over a million products. */
export const BOUNDS: Bounds = { few: 50, begun: 3000, many: 10_000, rare: 2000, skimmed: 10_000 }

/** What is searched for: the folded text, and its words. */
export interface Asked {
  readonly folded: string
  readonly words: readonly string[]
  /** The word that all the others are looked for by, where one is rare. */
  readonly lead?: Lead | undefined
  readonly bounds: Bounds
}

/** Which product was found, and by what it is sorted. */
export interface Found {
  readonly id: string
  readonly popularity: number
  readonly relevance: number
}

/** Where a page begins: behind the row of this relevance, popularity and id. */
export type After = Found

/** Reads the products of some degrees of relevance, best first, behind `after`. */
export interface Stage {
  /** The lowest relevance of what it finds. */
  readonly lowest: number
  read(after: After | undefined, limit: number): Promise<Found[]>
}

// The last character there is: every text that begins with another lies before that text and this.
const LAST = '\u{10ffff}'

/** The name begins with the whole text that was asked for; found by an index. */
export const begins = ({ folded }: Asked) =>
  sql<SqlBool>`(folded_name >= ${folded} and folded_name < ${folded + LAST})`

/** The same, by a look at the row. */
export const beginsWith = ({ folded }: Asked) =>
  sql<SqlBool>`substr(folded_name, 1, ${[...folded].length}) = ${folded}`

const inWords = (db: Reader, { words, lead }: Asked, options: RankedOptions) =>
  dialectOf(db).ranked('products', words, { by: 'popularity', until: 'deleted_at' }, { ...options, lead })

// A parameter of 8 bytes takes any number that a cursor may hold.
const whole = (relevance: ReturnType<typeof sql<number>>) => sql<number>`cast(${relevance} as bigint)`

/**
 * How well a product fits, as a whole number that both engines work out alike: 3 the name is what was asked for,
 * 2 it begins with it, 1 all words are in the name, 0 some are in the description only.
 */
const relevanceOf = (db: Reader, asked: Asked) => {
  const inName = dialectOf(db).matches('products', asked.words, { column: 'folded_name' })
  return whole(sql`case
    when folded_name = ${asked.folded} then 3
    when ${beginsWith(asked)} then 2
    when ${inName} then 1
    else 0 end`)
}

/** Products that hold the words and pass the filters, with their relevance. */
export const foundBy = (db: Reader, asked: Asked, filters: Filters) =>
  filtered(living(db).select(productColumns), db, filters)
    .select(relevanceOf(db, asked).as('relevance'))
    .where(dialectOf(db).matches('products', asked.words, { lead: asked.lead }))

const behind = (relevance: number, after: After | undefined): string | undefined =>
  after?.relevance === relevance ? encodeCursor(BY_POPULARITY, after) : undefined

/** A stage of those whose name begins with what was asked for, or is it, when they are few: all are collected and sorted. */
export const collectBeginning = (db: Reader, asked: Asked, lowest: 2 | 3): Stage => ({
  lowest,
  read(after, limit) {
    const found = living(db)
      .select(['id', 'popularity'])
      .select(whole(sql`case when folded_name = ${asked.folded} then 3 else 2 end`).as('relevance'))
      .where(lowest === 3 ? sql<SqlBool>`folded_name = ${asked.folded}` : begins(asked))
    const cursor = after && encodeCursor(BY_RELEVANCE, after)
    return keyset(db.selectFrom(found.as('found')).selectAll(), BY_RELEVANCE, cursor)
      .limit(limit)
      .execute()
  },
})

/**
 * A stage of those whose name holds the words without beginning with them (1), or whose description does where the name does
 * not (0), when they are few: all are collected and sorted.
 */
export const collectWords = (db: Reader, asked: Asked, relevance: 0 | 1): Stage => ({
  lowest: relevance,
  async read(after, limit) {
    const options = relevance === 1 ? { column: 'folded_name' } : { except: 'folded_name' }
    const found = db.selectFrom(inWords(db, asked, options).as('found')).select(['id', 'popularity'])
    const others =
      relevance === 1 ? found.where('id', 'not in', living(db).select('id').where(begins(asked))) : found
    const rows = await keyset(others, BY_POPULARITY, behind(relevance, after)).limit(limit).execute()
    return rows.map((row) => ({ ...row, relevance }))
  },
})

/**
 * A stage of those whose name holds the words without beginning with them (1) that looks at the names of the most popular
 * products alone, in an index that holds them. Where what was asked for is common it fills the page; what comes behind
 * its last product is left to another stage.
 */
export const skim = (db: Reader, asked: Asked): Stage => ({
  lowest: 1,
  async read(after, limit) {
    const all = living(db).select(['id', 'popularity', 'folded_name'])
    const names = keyset(all, BY_POPULARITY, behind(1, after))
    const rows = await db
      .selectFrom(names.limit(asked.bounds.skimmed).as('names'))
      .select(['id', 'popularity'])
      .where(dialectOf(db).holds('folded_name', asked.words))
      .where(sql<SqlBool>`not ${beginsWith(asked)}`)
      .orderBy('popularity', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
    return rows.map((row) => ({ ...row, relevance: 1 }))
  },
})

/** A stage of one relevance whose products are many: all are walked by popularity until enough of them fit. */
export const walk = (db: Reader, relevance: number, condition: Expression<SqlBool>): Stage => ({
  lowest: relevance,
  async read(after, limit) {
    const query = living(db).select(['id', 'popularity']).where(condition)
    const rows = await keyset(query, BY_POPULARITY, behind(relevance, after)).limit(limit).execute()
    return rows.map((row) => ({ ...row, relevance }))
  },
})
