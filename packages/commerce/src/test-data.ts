import type { Database } from '@plinth/db'
import { newId } from '@plinth/kit'
import { insertProducts } from './bulk.ts'
import type { CommerceDb } from './db.ts'
import type { ProductFields } from './products/rules.ts'

/** A price as the contract takes it. */
export const usd = (amount: number) => ({ amount, currency: 'USD' })

/** Fields of a product that differ only where a test says so. */
export const sampleProduct = (fields: Partial<ProductFields> = {}): ProductFields => {
  const id = newId('prd', new Date())
  return {
    id,
    category_id: null,
    slug: id.replace('_', '-'),
    sku: null,
    name: 'Sample',
    description: '',
    price_amount: 1000,
    price_currency: 'USD',
    stock: 1,
    popularity: 0,
    ...fields,
  }
}

/** Stores products past the API, as many as a test likes; answers their ids. */
export const storeProducts = async (
  db: Database<never>,
  products: readonly Partial<ProductFields>[],
): Promise<string[]> => {
  const full = products.map(sampleProduct)
  await db.as<CommerceDb>().transaction((trx) => insertProducts(trx, full, new Date()))
  return full.map(({ id }) => id)
}
