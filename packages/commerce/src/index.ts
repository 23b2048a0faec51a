import type { contract } from '@plinth/contract'
import type { System } from '@plinth/kit'
import { commerceMigrations } from '../migrations/index.ts'
import { categories } from './categories/handlers.ts'
import { commerceInvariants } from './invariants.ts'
import { products } from './products/handlers.ts'
import { tags } from './tags/handlers.ts'

export { commerceMigrations } from '../migrations/index.ts'
export { insertCategories, insertProducts } from './bulk.ts'
export type { CategoryFields } from './categories/rules.ts'
export type { CommerceDb } from './db.ts'
export type { ProductFields } from './products/rules.ts'
export { slugOf } from './slugs.ts'

/** The shop: categories, products and tags. */
export const commerce: System<typeof contract.commerce> = {
  implementations: { categories, products, tags },
  migrations: commerceMigrations,
  invariants: commerceInvariants,
  subscribers: [],
}
