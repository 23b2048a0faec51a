import { dialectOf, foldText, type Page, searchWords } from '@plinth/db'
import type { Reader } from '../db.ts'
import { type PageInput, readPage } from '../paging.ts'
import { type Filters, isUnfiltered } from './filters.ts'
import { listProducts } from './list.ts'
import type { ProductRow } from './queries.ts'
import { searchMany } from './search-many.ts'
import { foundBy, MANY } from './search-stages.ts'
import { BY_RELEVANCE } from './sort.ts'

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
  const asked = { folded: foldText(q), words: searchWords(q) }
  const dialect = dialectOf(db)
  if (isUnfiltered(filters)) {
    const count = await dialect.countMatches(db, 'products', asked.words, { most: 2 * MANY })
    if (count >= MANY) return searchMany(db, asked, count, page)
  }
  const found = foundBy(db, asked, dialect.matches('products', asked.words), filters)
  return readPage(db.selectFrom(found.as('found')).selectAll(), BY_RELEVANCE, page)
}
