import { type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'

/** A column to sort by. It must not be null, and the last field of a sort must be unique, such as the id. */
export interface SortField {
  /** A reference in the query, such as `price` or `products.price`. */
  readonly column: string
  readonly direction: 'asc' | 'desc'
  /** The name under which the row carries the value; left out, the column's own name. */
  readonly key?: string
}

/** One page, and the cursor of the next one if there is more. */
export interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

/** A cursor that was not made by us, or was made for another sort. */
export class CursorError extends Error {
  override readonly name = 'CursorError'
}

type Value = string | number

const LONGEST_CURSOR = 4096

const signature = (sort: readonly SortField[]): string =>
  sort.map(({ column, direction }) => `${column} ${direction}`).join(',')

const keyOf = ({ key, column }: SortField): string => key ?? column.slice(column.lastIndexOf('.') + 1)

const isValue = (value: unknown): value is Value =>
  typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))

/** The cursor that stands after `row` in this sort. */
export const encodeCursor = (sort: readonly SortField[], row: object): string => {
  const values = sort.map((field) => {
    const value: unknown = Reflect.get(row, keyOf(field))
    if (!isValue(value))
      throw new TypeError(`rows can't be paged by ${field.column}: it holds ${String(value)}`)
    return value
  })
  return Buffer.from(JSON.stringify([signature(sort), ...values])).toString('base64url')
}

const isList = (value: unknown): value is unknown[] => Array.isArray(value)

const parse = (cursor: string): unknown => {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch (cause) {
    throw new CursorError('the cursor is malformed', { cause })
  }
}

/** The values that a cursor stands after; throws `CursorError` if it is malformed or for another sort. */
export const decodeCursor = (sort: readonly SortField[], cursor: string): Value[] => {
  if (cursor.length > LONGEST_CURSOR) throw new CursorError('the cursor is malformed')
  const content = parse(cursor)
  if (!isList(content)) throw new CursorError('the cursor is malformed')
  const [made, ...values] = content
  if (made !== signature(sort)) throw new CursorError('the cursor belongs to another sort')
  if (values.length !== sort.length || !values.every(isValue))
    throw new CursorError('the cursor is malformed')
  return values
}

const after = (sort: readonly SortField[], values: readonly Value[]): RawBuilder<SqlBool> => {
  const columns = sort.map(({ column }) => sql.ref(column))
  const operator = ({ direction }: SortField) => sql.raw(direction === 'asc' ? '>' : '<')
  const [first] = sort
  if (first && sort.every(({ direction }) => direction === first.direction))
    return sql`(${sql.join(columns)}) ${operator(first)} (${sql.join(values)})`
  const branches = sort.map((field, at) => {
    const equal = columns.slice(0, at).map((column, before) => sql`${column} = ${values[before]}`)
    return sql`(${sql.join([...equal, sql`${columns[at]} ${operator(field)} ${values[at]}`], sql` and `)})`
  })
  return sql`(${sql.join(branches, sql` or `)})`
}

/** Sorts a query and, given a cursor, starts behind it. Rows that are inserted meanwhile shift nothing. */
export const keyset = <Tables, Table extends keyof Tables, Output>(
  query: SelectQueryBuilder<Tables, Table, Output>,
  sort: readonly SortField[],
  cursor?: string | null,
): SelectQueryBuilder<Tables, Table, Output> => {
  let sorted = query
  for (const { column, direction } of sort) sorted = sorted.orderBy(sql.ref(column), direction)
  return cursor == null ? sorted : sorted.where(after(sort, decodeCursor(sort, cursor)))
}

/** Makes a page of rows that were read with a limit of one more than `limit`. */
export const pageOf = <Item extends object>(
  rows: readonly Item[],
  limit: number,
  sort: readonly SortField[],
): Page<Item> => {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last ? encodeCursor(sort, last) : null }
}
