import { CursorError, decodeCursor, keyset, type Page, pageOf, type SortField } from '@plinth/db'
import type { SelectQueryBuilder } from 'kysely'

/** A column to sort by and what it holds, so that a cursor that was tampered with is refused before a query. */
export interface SortColumn extends SortField {
  readonly holds: 'text' | 'integer' | 'moment'
}

/** What every list takes. */
export interface PageInput {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** The order of categories and of tags. */
export const BY_NAME: readonly SortColumn[] = [
  { column: 'folded_name', direction: 'asc', holds: 'text' },
  { column: 'id', direction: 'asc', holds: 'text' },
]

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const fits = (value: string | number, holds: SortColumn['holds']): boolean => {
  if (holds === 'integer') return Number.isSafeInteger(value)
  if (typeof value !== 'string') return false
  return holds === 'text' || (MOMENT.test(value) && !Number.isNaN(Date.parse(value)))
}

/**
 * The values that a cursor stands after, each of the kind that its column holds.
 * @throws {CursorError} when the cursor is damaged or was made for another order.
 */
export const readCursor = (sort: readonly SortColumn[], cursor: string): readonly (string | number)[] => {
  const values = decodeCursor(sort, cursor)
  for (const [at, { holds }] of sort.entries())
    if (!fits(values[at] ?? '', holds)) throw new CursorError('the cursor is malformed')
  return values
}

/**
 * One page of a query in this order.
 * @throws {CursorError} when the cursor is damaged or was made for another order; callers see it as bad input.
 */
export const readPage = async <Tables, Table extends keyof Tables, Row extends object>(
  query: SelectQueryBuilder<Tables, Table, Row>,
  sort: readonly SortColumn[],
  { limit, cursor }: PageInput,
): Promise<Page<Row>> => {
  if (cursor !== undefined) readCursor(sort, cursor)
  const rows = await keyset(query, sort, cursor)
    .limit(limit + 1)
    .execute()
  return pageOf(rows, limit, sort)
}
