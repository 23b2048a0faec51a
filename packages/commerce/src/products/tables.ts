import type { Written } from '../columns.ts'

/** What the shop sells. Slugs and SKUs are unique among products that are not deleted. */
export interface ProductsTable extends Written {
  id: string
  category_id: string | null
  slug: string
  sku: string | null
  name: string
  description: string
  /** The name as `foldName` and the description as `foldText` writes it: for full text, and the name for sorting too. */
  folded_name: string
  folded_description: string
  /** Minor units of the currency. */
  price_amount: number
  price_currency: string
  stock: number
  popularity: number
  deleted_at: string | null
}

/** Which product is marked with which tag. */
export interface ProductTagsTable {
  product_id: string
  tag_id: string
  created_at: string
  created_by: string
}
