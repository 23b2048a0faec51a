import { foldName, foldText } from '@plinth/db'
import type { Written } from '../columns.ts'
import type { ProductsTable } from './tables.ts'

/** The columns of a product that somebody chooses; the rest follows from them. */
export type ProductFields = Omit<
  ProductsTable,
  keyof Written | 'folded_name' | 'folded_description' | 'deleted_at'
>

/** The row of a new product, with the words that it is found and sorted by. */
export const productRow = (fields: ProductFields, written: Written): ProductsTable => ({
  ...fields,
  folded_name: foldName(fields.name),
  folded_description: foldText(fields.description),
  ...written,
  deleted_at: null,
})
