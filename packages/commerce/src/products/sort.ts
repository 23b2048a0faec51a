import type { SortColumn } from '../paging.ts'

const FIELDS = {
  name: { column: 'folded_name', holds: 'text' },
  price: { column: 'price_amount', holds: 'integer' },
  stock: { column: 'stock', holds: 'integer' },
  popularity: { column: 'popularity', holds: 'integer' },
  createdAt: { column: 'created_at', holds: 'moment' },
} as const satisfies Record<string, Pick<SortColumn, 'column' | 'holds'>>

type Field = keyof typeof FIELDS

/** A field to sort by, with a minus for descending. */
export type SortName = Field | `-${Field}`

const columnOf = (name: SortName): SortColumn =>
  name.startsWith('-')
    ? { ...FIELDS[name.slice(1) as Field], direction: 'desc' }
    : { ...FIELDS[name as Field], direction: 'asc' }

/** Every way to sort by one field. */
export const sortNames = (Object.keys(FIELDS) as Field[]).flatMap((field): SortName[] => [field, `-${field}`])

/**
 * The columns of an order, the id last in the direction of the field before it: an index can then be walked
 * either way. A field that is named again adds nothing.
 */
export const sortOf = (names: readonly SortName[]): readonly SortColumn[] => {
  const columns = names.map(columnOf)
  const distinct = columns.filter(
    ({ column }, at) => columns.findIndex((other) => other.column === column) === at,
  )
  return [...distinct, { column: 'id', direction: distinct.at(-1)?.direction ?? 'asc', holds: 'text' }]
}

/** The order of what everybody buys first; of two alike the newer one. */
export const BY_POPULARITY = sortOf(['-popularity'])

/** The order of what is found: best match, then popularity, then the newer one. */
export const BY_RELEVANCE: readonly SortColumn[] = [
  { column: 'relevance', direction: 'desc', holds: 'integer' },
  ...BY_POPULARITY,
]
