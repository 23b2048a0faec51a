import { array as arrays, assert, asyncProperty, constantFrom, integer, record } from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from './database.ts'
import { CursorError, decodeCursor, encodeCursor, keyset, pageOf, type SortField } from './keyset.ts'
import type { Migrations } from './migrate.ts'
import { testDatabase } from './testing.ts'

interface Item {
  id: string
  name: string
  price: number
}

const migrations: Migrations = {
  '20260101T0000_create_items': {
    up: ({ schema, type }) =>
      schema
        .createTable('items')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('name', type.text, (column) => column.notNull())
        .addColumn('price', type.bigint, (column) => column.notNull())
        .execute(),
    down: ({ schema }) => schema.dropTable('items').execute(),
  },
}

let db: Database<{ items: Item }> & AsyncDisposable
beforeAll(async () => {
  db = await testDatabase<{ items: Item }>(migrations)
})
afterAll(() => db[Symbol.asyncDispose]())

const byId: SortField = { column: 'items.id', direction: 'asc' }
const byPrice: SortField = { column: 'price', direction: 'desc' }

const page = async (sort: readonly SortField[], limit: number, cursor: string | null) => {
  const query = db.read.selectFrom('items').selectAll()
  return pageOf(
    await keyset(query, sort, cursor)
      .limit(limit + 1)
      .execute(),
    limit,
    sort,
  )
}

const insert = (items: Item[]) => db.transaction((trx) => trx.insertInto('items').values(items).execute())

const replace = async (items: Item[]) => {
  await db.transaction((trx) => trx.deleteFrom('items').execute())
  if (items.length > 0) await insert(items)
}

const compare = (sort: readonly SortField[]) => (a: Item, b: Item) => {
  for (const { column, direction } of sort) {
    const key = column.replace('items.', '') as keyof Item
    const order = a[key] < b[key] ? -1 : Number(a[key] > b[key])
    if (order !== 0) return direction === 'asc' ? order : -order
  }
  return 0
}

const directions = constantFrom<'asc' | 'desc'>('asc', 'desc')
const sorts = record({ name: directions, price: directions, id: directions }).map(({ name, price, id }) => [
  { column: 'name', direction: name },
  { column: 'price', direction: price },
  { column: 'items.id', direction: id },
])
const numbered = (rows: { name: string; price: number }[], prefix: string): Item[] =>
  rows.map((row, at) => ({ ...row, id: `${prefix}${String(at).padStart(3, '0')}` }))
const lists = arrays(
  record({ name: constantFrom('a', 'A', 'é', '', 'zz'), price: integer({ min: -2, max: 2 }) }),
  {
    maxLength: 20,
  },
)

test('pages in any mix of directions hold every row once and in order, with rows inserted meanwhile', async () => {
  await assert(
    asyncProperty(lists, lists, sorts, integer({ min: 1, max: 7 }), async (before, during, sort, limit) => {
      const items = numbered(before, 'i')
      await replace(items)
      const seen: Item[] = []
      let cursor: string | null = null
      do {
        const next: Awaited<ReturnType<typeof page>> = await page(sort, limit, cursor)
        expect(next.items.length).toBeLessThanOrEqual(limit)
        seen.push(...next.items)
        if (cursor === null && during.length > 0) await insert(numbered(during, 'late'))
        cursor = next.nextCursor
      } while (cursor !== null)
      expect(seen).toEqual(seen.toSorted(compare(sort)))
      expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length)
      expect(seen.filter(({ id }) => id.startsWith('i'))).toEqual(items.sort(compare(sort)))
    }),
    { numRuns: 40 },
  )
})

test('a list that ends with its page has no next cursor', async () => {
  await replace(
    numbered(
      [
        { name: 'a', price: 1 },
        { name: 'b', price: 2 },
      ],
      'i',
    ),
  )
  expect((await page([byId], 2, null)).nextCursor).toBeNull()
  expect((await page([byId], 1, null)).nextCursor).not.toBeNull()
  await replace([])
  expect(await page([byId], 1, null)).toEqual({ items: [], nextCursor: null })
})

test('a cursor for another sort is refused', () => {
  const cursor = encodeCursor([byPrice, byId], { id: 'a', price: 1 })
  expect(decodeCursor([byPrice, byId], cursor)).toEqual([1, 'a'])
  expect(() => decodeCursor([{ ...byPrice, direction: 'asc' }, byId], cursor)).toThrow(CursorError)
  expect(() => decodeCursor([byId], cursor)).toThrow(CursorError)
})

const encode = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url')

test.each([
  ['no base64', '%%%'],
  ['no JSON', Buffer.from('{').toString('base64url')],
  ['nothing', ''],
  ['no list', encode({ a: 1 })],
  ['too few values', encode(['items.id asc'])],
  ['an object for a value', encode(['items.id asc', { a: 1 }])],
  ['null for a value', encode(['items.id asc', null])],
  ['a cursor without end', 'a'.repeat(100_000)],
])('a malformed cursor is refused: %s', (_, cursor) => {
  expect(() => decodeCursor([byId], cursor)).toThrow(CursorError)
})

test('a row without the value of its sort is told at once', () => {
  expect(() => encodeCursor([byPrice], { id: 'a', price: null })).toThrow(TypeError)
})
