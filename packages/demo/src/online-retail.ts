import { z } from 'zod'
import { Given, Price, Whole } from './columns.ts'
import type { DemoProduct } from './insert.ts'
import { readCsv } from './read-csv.ts'
import { titleCase } from './title-case.ts'

const Product = z.object({
  stock_code: Given,
  description: z.string(),
  median_price: Price,
  units_sold: Whole,
})

/** What a gift wholesaler sold: 3,922 products in pounds. Units sold are the popularity; a twelfth is in stock. */
export const readOnlineRetail = async (data: URL): Promise<DemoProduct[]> => {
  const products = await readCsv(data, 'online-retail/products.csv', Product)
  return products.map(({ stock_code, description, median_price, units_sold }) => {
    const popularity = Math.max(0, units_sold)
    return {
      sku: stock_code,
      name: titleCase(description) || `Article ${stock_code}`,
      description: '',
      price: { amount: median_price, currency: 'GBP' },
      stock: Math.round(popularity / 12),
      popularity,
      categories: ['Gifts'],
    }
  })
}
