import { categories } from './categories.ts'
import { products } from './products.ts'
import { tags } from './tags.ts'

/** The shop. */
export const commerce = { categories, products, tags }
