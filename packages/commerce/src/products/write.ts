import type { Money } from '@plinth/contract'
import type { UpdateObject } from 'kysely'
import type { Written } from '../columns.ts'
import type { CommerceDb, Writer } from '../db.ts'
import { insertWithSlug, slugOf } from '../slugs.ts'
import { type ProductRow, productColumns } from './queries.ts'
import { productRow } from './rules.ts'

interface NewProduct {
  readonly name: string
  readonly slug?: string | undefined
  readonly sku: string | null
  readonly description: string
  readonly price: Money
  readonly stock: number
  readonly categoryId: string | null
}

const takenOf = async (db: Writer, slugs: readonly string[]): Promise<string[]> => {
  const rows = await db
    .selectFrom('products')
    .select('slug')
    .where('slug', 'in', slugs)
    .where('deleted_at', 'is', null)
    .execute()
  return rows.map(({ slug }) => slug)
}

/** Stores a product, under a free slug made from its name where none is given. */
export const insertProduct = async (
  db: Writer,
  id: string,
  product: NewProduct,
  written: Written,
): Promise<ProductRow> => {
  const { name, slug, sku, description, price, stock, categoryId } = product
  const insert = (free: string) => {
    const fields = { id, slug: free, sku, name, description, stock, popularity: 0 }
    const money = { price_amount: price.amount, price_currency: price.currency }
    const row = productRow({ ...fields, ...money, category_id: categoryId }, written)
    return db.insertInto('products').values(row).returning(productColumns)
  }
  if (slug !== undefined) return insert(slug).executeTakeFirstOrThrow()
  return insertWithSlug(slugOf(name, 'product'), id, {
    taken: (slugs) => takenOf(db, slugs),
    insert: (free) =>
      insert(free)
        .onConflict((conflict) => conflict.column('slug').where('deleted_at', 'is', null).doNothing())
        .executeTakeFirst(),
  })
}

/** Changes a product that is not deleted; undefined if there is none with this id. */
export const changeProduct = (
  db: Writer,
  id: string,
  values: UpdateObject<CommerceDb, 'products'>,
): Promise<ProductRow | undefined> =>
  db
    .updateTable('products')
    .set(values)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .returning(productColumns)
    .executeTakeFirst()
