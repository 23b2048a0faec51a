import type { ReadDb, WriteDb } from '@plinth/db'
import type { KitTables } from '@plinth/kit'
import type { CategoriesTable } from './categories/tables.ts'
import type { ProductsTable, ProductTagsTable } from './products/tables.ts'
import type { TagsTable } from './tags/tables.ts'

/** The tables that commerce reads and writes. */
export interface CommerceDb extends KitTables {
  categories: CategoriesTable
  tags: TagsTable
  products: ProductsTable
  product_tags: ProductTagsTable
}

/** Whatever can select from the tables of commerce: the read handle or a transaction. */
export type Source = Pick<ReadDb<CommerceDb>, 'selectFrom'>

/** The handle of a query. */
export type Reader = ReadDb<CommerceDb>

/** A transaction over the tables of commerce. */
export type Writer = WriteDb<CommerceDb>
