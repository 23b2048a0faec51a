import { type Database, schemaOf, violation, type WriteDb } from '@plinth/db'
import { testDatabase } from '@plinth/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commerceMigrations } from '../migrations/index.ts'
import { insertProducts } from './bulk.ts'
import { categoryRow } from './categories/rules.ts'
import type { CommerceDb } from './db.ts'
import { productRow } from './products/rules.ts'
import type { ProductsTable } from './products/tables.ts'
import { sampleProduct } from './test-data.ts'

const NOW = new Date('2026-11-21T09:30:00.000Z')
const at = NOW.toISOString()
const written = { created_at: at, updated_at: at, created_by: 'system', updated_by: 'system' }

let db: Database<CommerceDb> & AsyncDisposable
const base = sampleProduct({ slug: 'base', sku: 'BASE' })
const category = (id: string, more: Partial<CommerceDb['categories']> = {}): CommerceDb['categories'] => ({
  ...categoryRow({ id, parent_id: null, slug: id, name: id, description: '' }, written),
  ...more,
})
const tag = (id: string, more: Partial<CommerceDb['tags']> = {}): CommerceDb['tags'] => ({
  id,
  slug: id,
  name: id,
  folded_name: id,
  ...written,
  ...more,
})
const mark = (productId: string, tagId: string) => ({
  product_id: productId,
  tag_id: tagId,
  created_at: at,
  created_by: 'system',
})

beforeAll(async () => {
  db = await testDatabase<CommerceDb>(commerceMigrations)
  await db.transaction(async (trx) => {
    await insertProducts(trx, [base], NOW)
    await trx
      .insertInto('categories')
      .values([category('top'), category('below', { parent_id: 'top' })])
      .execute()
    await trx.insertInto('tags').values(tag('blue')).execute()
    await trx.insertInto('product_tags').values(mark(base.id, 'blue')).execute()
  })
})
afterAll(() => db[Symbol.asyncDispose]())

const refusal = async (work: (trx: WriteDb<CommerceDb>) => Promise<unknown>) =>
  violation(
    await db.transaction(work).then(
      () => null,
      (error: unknown) => error,
    ),
  )

const insertProduct = (more: Record<string, unknown>) => (trx: WriteDb<CommerceDb>) =>
  trx
    .insertInto('products')
    .values({ ...productRow(sampleProduct(), written), ...(more as Partial<ProductsTable>) })
    .execute()

describe('a bad write past the API is refused by the schema:', () => {
  test.each([
    ['products_price_not_negative', { price_amount: -1 }],
    ['products_stock_not_negative', { stock: -1 }],
    ['products_popularity_not_negative', { popularity: -1 }],
    ['products_currency_code', { price_currency: 'EURO' }],
    ['products_slug_given', { slug: '' }],
    ['products_sku_given', { sku: '' }],
    ['products_name_given', { name: '' }],
  ])('%s', async (constraint, more) => {
    expect(await refusal(insertProduct(more))).toMatchObject({ kind: 'check', constraint })
  })

  test.each([
    'name',
    'slug',
    'description',
    'price_amount',
    'price_currency',
    'stock',
    'created_by',
    'created_at',
  ])('a product without %s', async (column) => {
    const found = await refusal(insertProduct({ [column]: null }))
    expect(found).toMatchObject({ kind: 'not-null', table: 'products', columns: [column] })
  })

  test.each(['slug', 'sku'] as const)('a second product with the same %s', async (column) => {
    const found = await refusal(insertProduct({ [column]: base[column] }))
    expect(found).toMatchObject({ kind: 'unique', table: 'products', columns: [column] })
  })

  test('a second category or tag with the same slug', async () => {
    const categories = await refusal((trx) =>
      trx
        .insertInto('categories')
        .values(category('other', { slug: 'top' }))
        .execute(),
    )
    expect(categories).toMatchObject({ kind: 'unique', table: 'categories', columns: ['slug'] })
    const tags = await refusal((trx) =>
      trx
        .insertInto('tags')
        .values(tag('other', { slug: 'blue' }))
        .execute(),
    )
    expect(tags).toMatchObject({ kind: 'unique', table: 'tags', columns: ['slug'] })
  })

  test('a category that is its own parent', async () => {
    const found = await refusal((trx) =>
      trx.updateTable('categories').set({ parent_id: 'top' }).where('id', '=', 'top').execute(),
    )
    expect(found).toMatchObject({ kind: 'check', constraint: 'categories_not_own_parent' })
  })

  test('a product marked twice with one tag', async () => {
    const found = await refusal((trx) =>
      trx.insertInto('product_tags').values(mark(base.id, 'blue')).execute(),
    )
    expect(found).toMatchObject({ kind: 'unique', table: 'product_tags' })
  })

  test('a reference to a row that is not there', async () => {
    for (const work of [
      insertProduct({ category_id: 'nowhere' }),
      (trx: WriteDb<CommerceDb>) =>
        trx
          .insertInto('categories')
          .values(category('lost', { parent_id: 'nowhere' }))
          .execute(),
      (trx: WriteDb<CommerceDb>) => trx.insertInto('product_tags').values(mark(base.id, 'nowhere')).execute(),
      (trx: WriteDb<CommerceDb>) => trx.insertInto('product_tags').values(mark('nowhere', 'blue')).execute(),
    ])
      expect(await refusal(work)).toMatchObject({ kind: 'foreign-key' })
  })
})

describe('removing a row', () => {
  test('that others are below is refused', async () => {
    const found = await refusal((trx) => trx.deleteFrom('categories').where('id', '=', 'top').execute())
    expect(found).toMatchObject({ kind: 'foreign-key' })
  })

  test('takes the marks of a tag or product with it, and leaves products without a category', async () => {
    const rows = await db.transaction(async (trx) => {
      const [one, two] = [sampleProduct({ category_id: 'below' }), sampleProduct()]
      await insertProducts(trx, [one, two], NOW)
      await trx
        .insertInto('tags')
        .values([tag('red'), tag('green')])
        .execute()
      await trx
        .insertInto('product_tags')
        .values([mark(one.id, 'red'), mark(one.id, 'green'), mark(two.id, 'green')])
        .execute()
      await trx.deleteFrom('categories').where('id', '=', 'below').execute()
      await trx.deleteFrom('tags').where('id', '=', 'red').execute()
      await trx.deleteFrom('products').where('id', '=', two.id).execute()
      const left = trx
        .selectFrom('products')
        .select(['id', 'category_id'])
        .where('id', 'in', [one.id, two.id])
      const marks = trx
        .selectFrom('product_tags')
        .select('tag_id')
        .where('product_id', 'in', [one.id, two.id])
      return { one: one.id, left: await left.execute(), marks: await marks.execute() }
    })
    expect(rows.left).toEqual([{ id: rows.one, category_id: null }])
    expect(rows.marks).toEqual([{ tag_id: 'green' }])
  })
})

test('every foreign key begins an index, so that no removal scans a table', async () => {
  for (const { foreignKeys, indexes, primaryKey } of await schemaOf(db)) {
    const leading = [primaryKey, ...indexes.filter(({ partial }) => !partial).map(({ columns }) => columns)]
    for (const { columns } of foreignKeys)
      expect(leading.some((index) => columns.every((column, place) => index[place] === column))).toBe(true)
  }
})
