import type { Written } from '../columns.ts'
import type { Writer } from '../db.ts'

/** Marks a product with tags; those it has already stay as they are. */
export const addTags = async (
  db: Writer,
  productId: string,
  tagIds: readonly string[],
  { created_at, created_by }: Pick<Written, 'created_at' | 'created_by'>,
): Promise<void> => {
  if (tagIds.length === 0) return
  const rows = tagIds.map((tagId) => ({ product_id: productId, tag_id: tagId, created_at, created_by }))
  await db
    .insertInto('product_tags')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['product_id', 'tag_id']).doNothing())
    .execute()
}

/** Leaves a product with no tags but these. */
export const keepTags = async (db: Writer, productId: string, tagIds: readonly string[]): Promise<void> => {
  const marks = db.deleteFrom('product_tags').where('product_id', '=', productId)
  await (tagIds.length === 0 ? marks : marks.where('tag_id', 'not in', tagIds)).execute()
}

/** Takes tags from a product. */
export const dropTags = async (db: Writer, productId: string, tagIds: readonly string[]): Promise<void> => {
  await db
    .deleteFrom('product_tags')
    .where('product_id', '=', productId)
    .where('tag_id', 'in', tagIds)
    .execute()
}
