import { categories } from './categories.ts'
import { products } from './products.ts'
import { tags } from './tags.ts'

/** The shop. */
export const commerce: {
  readonly categories: typeof categories
  readonly products: typeof products
  readonly tags: typeof tags
} = { categories, products, tags }
