import { compiled, keyset, type Page, pageOf } from '@plinth/db'
import type { CommerceDb, Reader } from '../db.ts'
import { type PageInput, readPage } from '../paging.ts'
import { type Filters, filtered, isUnfiltered } from './filters.ts'
import { living, type ProductRow, productColumns } from './queries.ts'
import { type SortName, sortNames, sortOf } from './sort.ts'

const listColumns = [...productColumns, 'folded_name'] as const

const firstPageBy = (name: SortName) => {
  const sort = sortOf([name])
  const read = compiled<CommerceDb, { limit: number }>()((db, p) =>
    keyset(living(db).select(listColumns), sort).limit(p('limit')),
  )
  return { sort, read }
}

// What a shop shows most: its query has the same text every time, so it is compiled once per order.
const firstPages = new Map(sortNames.map((name) => [name, firstPageBy(name)]))

/** One page of products for which all filters hold, in this order. */
export const listProducts = async (
  db: Reader,
  filters: Filters,
  names: readonly SortName[],
  page: PageInput,
): Promise<Page<ProductRow>> => {
  const [name] = names
  const first = name !== undefined && names.length === 1 ? firstPages.get(name) : undefined
  if (first && page.cursor === undefined && isUnfiltered(filters)) {
    const rows = await first.read(db, { limit: page.limit + 1 })
    return pageOf(rows, page.limit, first.sort)
  }
  const query = filtered(living(db).select(listColumns), db, filters)
  return readPage(query, sortOf(names), page)
}
