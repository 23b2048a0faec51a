import { dialectOf, searchWords } from '@plinth/db'
import type { SelectQueryBuilder } from 'kysely'
import { idsBelow } from '../categories/queries.ts'
import type { CommerceDb, Reader } from '../db.ts'

interface Range {
  readonly eq?: number | undefined
  readonly gte?: number | undefined
  readonly lte?: number | undefined
}

interface OneOf {
  readonly eq?: string | undefined
  readonly in?: readonly string[] | undefined
}

/** The filters that lists of products take; all that are given must hold. */
export interface Filters {
  readonly category?: string | undefined
  readonly tags?: OneOf | undefined
  readonly price?: Range | undefined
  readonly currency?: string | undefined
  readonly stock?: Range | undefined
  readonly name?: { readonly contains: string } | undefined
  readonly sku?: OneOf | undefined
}

type Products<O> = SelectQueryBuilder<CommerceDb, 'products', O>

const inRange = <O>(query: Products<O>, column: 'price_amount' | 'stock', range: Range): Products<O> => {
  let bounded = query
  if (range.eq !== undefined) bounded = bounded.where(column, '=', range.eq)
  if (range.gte !== undefined) bounded = bounded.where(column, '>=', range.gte)
  if (range.lte !== undefined) bounded = bounded.where(column, '<=', range.lte)
  return bounded
}

// Equal to one and one of several: a value must be in both lists where both are given.
const listsOf = ({ eq, in: several }: OneOf): (readonly string[])[] =>
  [eq === undefined ? undefined : [eq], several].filter((list) => list !== undefined)

const marked = <O>(query: Products<O>, db: Reader, tags: OneOf): Products<O> =>
  listsOf(tags).reduce(
    (narrowed, ids) =>
      narrowed.where(
        'id',
        'in',
        db.selectFrom('product_tags').select('product_id').where('tag_id', 'in', ids),
      ),
    query,
  )

/** Whether no filter is given. */
export const isUnfiltered = (filters: Filters): boolean =>
  Object.values(filters).every((filter) => filter === undefined)

/** Narrows a query over products to those for which all filters hold. */
export const filtered = <O>(query: Products<O>, db: Reader, filters: Filters): Products<O> => {
  const { category, tags, price, currency, stock, name, sku } = filters
  let narrowed = query
  if (category !== undefined) narrowed = narrowed.where('category_id', 'in', idsBelow(db, category))
  if (tags) narrowed = marked(narrowed, db, tags)
  if (price) narrowed = inRange(narrowed, 'price_amount', price)
  if (currency !== undefined) narrowed = narrowed.where('price_currency', '=', currency)
  if (stock) narrowed = inRange(narrowed, 'stock', stock)
  if (sku) for (const list of listsOf(sku)) narrowed = narrowed.where('sku', 'in', list)
  if (name) {
    const words = searchWords(name.contains)
    narrowed = narrowed.where(dialectOf(db).matches('products', words, { column: 'folded_name' }))
  }
  return narrowed
}
