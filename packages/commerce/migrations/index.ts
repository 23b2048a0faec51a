import type { Migrations } from '@plinth/db'
import { createCategories } from './20261121T0400_create_categories.ts'
import { createTags } from './20261121T0401_create_tags.ts'
import { createProducts } from './20261121T0402_create_products.ts'
import { createProductTags } from './20261121T0403_create_product_tags.ts'
import { indexCatalogue } from './20261121T0404_index_catalogue.ts'
import { searchProducts } from './20261121T0405_search_products.ts'
import { rankProducts } from './20261121T3900_rank_products.ts'

/** The tables of commerce, in the order they were added. */
export const commerceMigrations: Migrations = {
  '20261121T0400_create_categories': createCategories,
  '20261121T0401_create_tags': createTags,
  '20261121T0402_create_products': createProducts,
  '20261121T0403_create_product_tags': createProductTags,
  '20261121T0404_index_catalogue': indexCatalogue,
  '20261121T0405_search_products': searchProducts,
  '20261121T3900_rank_products': rankProducts,
}
