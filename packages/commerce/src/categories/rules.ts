import { foldName } from '@plinth/db'
import type { Written } from '../columns.ts'
import type { CategoriesTable } from './tables.ts'

/** The columns of a category that somebody chooses; the rest follows from them. */
export type CategoryFields = Omit<CategoriesTable, keyof Written | 'folded_name' | 'deleted_at'>

/** The row of a new category, with the words that it is sorted by. */
export const categoryRow = (fields: CategoryFields, written: Written): CategoriesTable => ({
  ...fields,
  folded_name: foldName(fields.name),
  ...written,
  deleted_at: null,
})
