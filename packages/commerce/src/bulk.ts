import { type CategoryFields, categoryRow } from './categories/rules.ts'
import type { Written } from './columns.ts'
import type { Writer } from './db.ts'
import { type ProductFields, productRow } from './products/rules.ts'

// Both engines bound the parameters of one statement; a product has 17.
const AT_ONCE = 250

const chunks = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / AT_ONCE) }, (_, at) =>
    items.slice(at * AT_ONCE, (at + 1) * AT_ONCE),
  )

const written = (now: Date): Written => {
  const at = now.toISOString()
  return { created_at: at, updated_at: at, created_by: 'system', updated_by: 'system' }
}

/** Stores many products at once as the system; a parent, slug or SKU that does not fit refuses all of them. */
export const insertProducts = async (
  db: Writer,
  products: readonly ProductFields[],
  now: Date,
): Promise<void> => {
  const stamp = written(now)
  for (const chunk of chunks(products))
    await db
      .insertInto('products')
      .values(chunk.map((fields) => productRow(fields, stamp)))
      .execute()
}

/** Stores many categories at once as the system; parents come before those below them. */
export const insertCategories = async (
  db: Writer,
  categories: readonly CategoryFields[],
  now: Date,
): Promise<void> => {
  const stamp = written(now)
  for (const chunk of chunks(categories))
    await db
      .insertInto('categories')
      .values(chunk.map((fields) => categoryRow(fields, stamp)))
      .execute()
}
