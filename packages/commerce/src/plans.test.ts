import type { Database, ReadDb } from '@plinth/db'
import { plansOf, testDatabase } from '@plinth/db/testing'
import { newId } from '@plinth/kit'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commerceMigrations } from '../migrations/index.ts'
import { insertCategories } from './bulk.ts'
import { categoryById, categoryBySlug, listCategories } from './categories/queries.ts'
import type { CommerceDb } from './db.ts'
import type { Filters } from './products/filters.ts'
import { listProducts } from './products/list.ts'
import { productById, productBySlug, withRelated } from './products/queries.ts'
import { searchProducts } from './products/search.ts'
import { type SortName, sortNames, sortOf } from './products/sort.ts'
import { listTags, tagById, tagBySlug } from './tags/queries.ts'
import { storeProducts } from './test-data.ts'

const PRODUCTS = 5000
const NOW = new Date('2026-11-21T09:30:00.000Z')

let db: Database<CommerceDb> & AsyncDisposable
const categories = Array.from({ length: 60 }, () => newId('cat', NOW))
const tags = Array.from({ length: 40 }, () => newId('tag', NOW))
const [category = ''] = categories
const [tag = ''] = tags

const fillCategories = () =>
  db.transaction((trx) =>
    insertCategories(
      trx,
      categories.map((id, at) => ({
        id,
        parent_id: at === 0 ? null : (categories[Math.floor((at - 1) / 3)] ?? null),
        slug: `category-${at}`,
        name: `Category ${at}`,
        description: '',
      })),
      NOW,
    ),
  )

const fillTags = async (products: readonly string[]) => {
  const at = NOW.toISOString()
  const written = { created_at: at, updated_at: at, created_by: 'system', updated_by: 'system' }
  const rows = tags.map((id, n) => ({
    id,
    slug: `tag-${n}`,
    name: `Tag ${n}`,
    folded_name: `tag ${n}`,
    ...written,
  }))
  const marks = products.map((productId, n) => ({
    product_id: productId,
    tag_id: tags[n % tags.length] ?? tag,
    created_at: at,
    created_by: 'system',
  }))
  await db.transaction(async (trx) => {
    await trx.insertInto('tags').values(rows).execute()
    await trx.insertInto('product_tags').values(marks).execute()
    await sql`analyze`.execute(trx)
  })
}

beforeAll(async () => {
  db = await testDatabase<CommerceDb>(commerceMigrations)
  await fillCategories()
  const products = Array.from({ length: PRODUCTS }, (_, at) => ({
    name: `Product ${at % 700} colour ${at % 13} x${at}`,
    description: `Made of material ${at % 41}`,
    category_id: categories[at % categories.length] ?? null,
    sku: `SKU-${at}`,
    price_amount: (at * 7919) % 100_000,
    stock: (at * 31) % 500,
    popularity: (at * 17) % 3000,
  }))
  await fillTags(await storeProducts(db.as(), products))
})
afterAll(() => db[Symbol.asyncDispose]())

const expectNoScan = async (work: (read: ReadDb<CommerceDb>) => Promise<unknown>) => {
  const plans = await plansOf(db, () => work(db.read))
  expect(plans.length).toBeGreaterThan(0)
  for (const { scans, text } of plans) expect(scans, text).toEqual([])
  return plans.map(({ text }) => text).join('\n')
}

const SORTED = /TEMP B-TREE|"Node Type": "(Incremental )?Sort"/

describe('no query scans a table in full:', () => {
  test('one product, category or tag by id and by slug', async () => {
    const id = 'none'
    for (const one of [productById, categoryById, tagById])
      await expectNoScan((read) => one.first(read, { id }))
    const slug = 'category-7'
    for (const one of [productBySlug, categoryBySlug, tagBySlug])
      expect(await expectNoScan((read) => one.first(read, { slug }))).toMatch(/slug_unique|autoindex_tags/)
  })

  test.each(sortNames)(
    'a list sorted by %s is read in the order of an index, page after page',
    async (name) => {
      const index = `products_${sortOf([name])[0]?.column}`
      const first = await listProducts(db.read, {}, [name], { limit: 20 })
      for (const cursor of [undefined, first.nextCursor ?? undefined]) {
        const plan = await expectNoScan((read) =>
          listProducts(read, { currency: cursor && 'USD' }, [name], { limit: 20, cursor }),
        )
        expect(plan).toContain(index)
        expect(plan).not.toMatch(SORTED)
      }
    },
  )

  const filters: [string, Filters][] = [
    ['category', { category }],
    ['tag', { tags: { eq: tag } }],
    ['tags', { tags: { in: tags.slice(0, 3) } }],
    ['SKU', { sku: { in: ['SKU-1', 'SKU-2'] } }],
    ['price', { price: { gte: 100, lte: 200 }, currency: 'USD' }],
    ['stock', { stock: { gte: 490 } }],
    ['name', { name: { contains: 'colour 7' } }],
    [
      'all filters',
      { category, tags: { eq: tag }, price: { gte: 1 }, stock: { gte: 1 }, name: { contains: 'product' } },
    ],
  ]
  const sorts: SortName[][] = [['name'], ['-price', 'stock']]
  test.each(filters)('a list filtered by %s', async (_, filter) => {
    for (const sort of sorts) {
      await expectNoScan((read) => listProducts(read, filter, sort, { limit: 20 }))
      const { nextCursor } = await listProducts(db.read, filter, sort, { limit: 1 })
      if (nextCursor)
        await expectNoScan((read) => listProducts(read, filter, sort, { limit: 20, cursor: nextCursor }))
    }
  })

  test('a search, with and without filters, page after page', async () => {
    for (const filter of [{}, { category, price: { lte: 5000 } }, { tags: { eq: tag } }]) {
      const { nextCursor } = await searchProducts(db.read, 'x42', filter, { limit: 1 })
      for (const cursor of [undefined, nextCursor ?? undefined])
        expect(
          await expectNoScan((read) => searchProducts(read, 'x42', filter, { limit: 20, cursor })),
        ).toContain('products_search')
    }
    const popular = await expectNoScan((read) => searchProducts(read, '', { currency: 'USD' }, { limit: 20 }))
    expect(popular).not.toMatch(SORTED)
  })

  test('related data', async () => {
    const { items } = await listProducts(db.read, {}, ['name'], { limit: 100 })
    await expectNoScan((read) => withRelated(read, items, ['category', 'tags']))
  })

  test('lists of categories and tags', async () => {
    for (const filter of [{}, { parentId: category }, { top: true }])
      expect(await expectNoScan((read) => listCategories(read, filter, { limit: 20 }))).not.toMatch(
        /TEMP B-TREE/,
      )
    expect(await expectNoScan((read) => listTags(read, { limit: 20 }))).not.toMatch(SORTED)
  })
})
