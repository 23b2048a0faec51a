import { z } from 'zod'
import { Given, Price, Whole } from './columns.ts'
import type { DemoProduct } from './insert.ts'
import { readCsv } from './read-csv.ts'

const Product = z.object({
  product_id: Given,
  name: Given,
  sku: Given,
  category: z.string(),
  subcategory: z.string(),
  list_price: Price,
  description: z.string(),
})

const Quantity = z.object({ product_id: Given, quantity: Whole })

// Parts that bicycles are made of belong to no category of the source.
const placeOf = ({ category, subcategory }: z.output<typeof Product>): string[] =>
  category === '' ? ['Parts'] : [category, subcategory]

/** The catalogue of a maker of bicycles: 504 products in US dollars, in categories of two levels. */
export const readAdventureWorks = async (data: URL): Promise<DemoProduct[]> => {
  const stock = new Map<string, number>()
  for (const { product_id, quantity } of await readCsv(data, 'adventureworks/inventory.csv', Quantity))
    stock.set(product_id, (stock.get(product_id) ?? 0) + quantity)
  const products = await readCsv(data, 'adventureworks/products.csv', Product)
  return products.map((product) => ({
    sku: product.sku,
    name: product.name,
    description: product.description,
    price: { amount: product.list_price, currency: 'USD' },
    stock: stock.get(product.product_id) ?? 0,
    popularity: 0,
    categories: placeOf(product),
  }))
}
