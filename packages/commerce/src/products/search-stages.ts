import { dialectOf, encodeCursor, keyset } from '@plinth/db'
import { type Expression, type SqlBool, sql } from 'kysely'
import type { Reader } from '../db.ts'
import { type Filters, filtered } from './filters.ts'
import { living, type ProductRow, productColumns } from './queries.ts'
import { BY_POPULARITY, BY_RELEVANCE } from './sort.ts'

/** From how many rows on all that are found are no longer collected and sorted for one page. */
export const MANY = 4000

/** What is searched for: the folded text, and its words. */
export interface Asked {
  readonly folded: string
  readonly words: readonly string[]
}

/** A product with how well it fits. */
export type Found = ProductRow & { readonly relevance: number }

/** Where a page begins: behind the row of this relevance, popularity and id. */
export interface After {
  readonly relevance: number
  readonly popularity: number
  readonly id: string
}

/** Reads the products of some degrees of relevance, best first, behind `after`. */
export interface Stage {
  /** The lowest relevance of what it finds. */
  readonly lowest: number
  read(after: After | undefined, limit: number): Promise<Found[]>
}

/** The name begins with the whole text that was asked for. */
export const beginsWith = ({ folded }: Asked) =>
  sql<SqlBool>`substr(folded_name, 1, ${[...folded].length}) = ${folded}`

/**
 * How well a product fits, as a whole number that both engines work out alike: 3 the name is what was asked for,
 * 2 it begins with it, 1 all words are in the name, 0 some are in the description only.
 */
const relevanceOf = (db: Reader, asked: Asked) => {
  const inName = dialectOf(db).matches('products', asked.words, { column: 'folded_name' })
  // A parameter of 8 bytes takes any number that a cursor may hold.
  return sql<number>`cast(case
    when folded_name = ${asked.folded} then 3
    when ${beginsWith(asked)} then 2
    when ${inName} then 1
    else 0 end as bigint)`
}

/** Products of a condition, with their relevance. */
export const foundBy = (db: Reader, asked: Asked, condition: Expression<SqlBool>, filters: Filters = {}) =>
  filtered(living(db).select(productColumns), db, filters)
    .select(relevanceOf(db, asked).as('relevance'))
    .where(condition)

/** A stage whose products are few: all are collected and sorted. */
export const collect = (db: Reader, asked: Asked, condition: Expression<SqlBool>, lowest: number): Stage => ({
  lowest,
  read(after, limit) {
    const query = db
      .selectFrom(foundBy(db, asked, condition).as('found'))
      .selectAll()
      .where('relevance', '>=', lowest)
    const cursor = after && encodeCursor(BY_RELEVANCE, after)
    return keyset(query, BY_RELEVANCE, cursor).limit(limit).execute()
  },
})

/** A stage of one relevance whose products are many: all are walked by popularity until enough of them fit. */
export const walk = (db: Reader, relevance: number, condition: Expression<SqlBool>): Stage => ({
  lowest: relevance,
  async read(after, limit) {
    const query = living(db).select(productColumns).where(condition)
    const cursor = after?.relevance === relevance ? encodeCursor(BY_POPULARITY, after) : undefined
    const rows = await keyset(query, BY_POPULARITY, cursor).limit(limit).execute()
    return rows.map((row) => ({ ...row, relevance }))
  },
})
