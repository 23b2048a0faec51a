import { foldText, type Page, searchWords } from '@plinth/db'
import type { Reader } from '../db.ts'
import { type PageInput, readPage } from '../paging.ts'
import { type Filters, isUnfiltered } from './filters.ts'
import { listProducts } from './list.ts'
import { living, type ProductRow, productColumns } from './queries.ts'
import { byRareWord, countOfBeginnings, estimateAll, searchMany } from './search-many.ts'
import { BOUNDS, type Found, foundBy } from './search-stages.ts'
import { BY_RELEVANCE } from './sort.ts'

/** The products of a page of what was found; what was deleted since is left out. */
const rowsOf = async (db: Reader, { items, nextCursor }: Page<Found>): Promise<Page<ProductRow>> => {
  const ids = items.map(({ id }) => id)
  if (ids.length === 0) return { items: [], nextCursor }
  const rows = await living(db).select(productColumns).where('id', 'in', ids).execute()
  const byId = new Map(rows.map((row) => [row.id, row]))
  return { items: ids.flatMap((id) => byId.get(id) ?? []), nextCursor }
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
  bounds = BOUNDS,
): Promise<Page<ProductRow>> => {
  if (q.trim() === '') return listProducts(db, filters, ['-popularity'], page)
  const asked = { folded: foldText(q), words: searchWords(q), bounds }
  // Every name begins with no text at all, which finds nothing.
  if (isUnfiltered(filters) && asked.words.length > 0) {
    const begun = await countOfBeginnings(db, asked)
    // They fill the page as a rule, and are counted in far less time than all.
    if (begun > page.limit) return rowsOf(db, await searchMany(db, asked, { begun }, page))
    const all = await estimateAll(db, asked)
    if (all > bounds.few) return rowsOf(db, await searchMany(db, asked, { begun, all }, page))
  }
  const found = foundBy(db, await byRareWord(db, asked), filters)
  return readPage(db.selectFrom(found.as('found')).selectAll(), BY_RELEVANCE, page)
}
