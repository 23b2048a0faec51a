import { dialectOf, foldText, type Page, searchWords } from '@plinth/db'
import { sql } from 'kysely'
import type { Reader } from '../db.ts'
import { type PageInput, readPage } from '../paging.ts'
import { type Filters, filtered } from './filters.ts'
import { listProducts } from './list.ts'
import { living, type ProductRow, productColumns } from './queries.ts'
import { BY_RELEVANCE } from './sort.ts'

/**
 * How well a product fits, as a whole number that both engines work out alike: 3 the name is what was asked for,
 * 2 it begins with it, 1 all words are in the name, 0 some are in the description only.
 */
const relevanceOf = (db: Reader, q: string, words: readonly string[]) => {
  const folded = foldText(q)
  const inName = dialectOf(db).matches('products', words, { column: 'folded_name' })
  // A parameter of 8 bytes takes any number that a cursor may hold.
  return sql<number>`cast(case
    when folded_name = ${folded} then 3
    when substr(folded_name, 1, ${[...folded].length}) = ${folded} then 2
    when ${inName} then 1
    else 0 end as bigint)`
}

/**
 * One page of products in which every word of `q` is found, or begins a word, in name or description; best match
 * first. Without a word it lists all by popularity; signs alone find nothing.
 */
export const searchProducts = async (
  db: Reader,
  q: string,
  filters: Filters,
  page: PageInput,
): Promise<Page<ProductRow>> => {
  if (q.trim() === '') return listProducts(db, filters, ['-popularity'], page)
  const words = searchWords(q)
  const found = filtered(living(db).select(productColumns), db, filters)
    .select(relevanceOf(db, q, words).as('relevance'))
    .where(dialectOf(db).matches('products', words))
  return readPage(db.selectFrom(found.as('found')).selectAll(), BY_RELEVANCE, page)
}
