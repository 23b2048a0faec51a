import type { Tag } from '@plinth/contract'
import { compiled, type Row } from '@plinth/db'
import type { CommerceDb, Reader, Source, Writer } from '../db.ts'
import { BY_NAME, type PageInput, readPage } from '../paging.ts'
import type { TagsTable } from './tables.ts'

/** The columns that a tag on the wire is made of. */
export const tagColumns = ['id', 'slug', 'name', 'created_at', 'updated_at'] as const

type TagRow = Pick<Row<TagsTable>, (typeof tagColumns)[number]>

/** A tag as the contract shows it. */
export const toTag = (row: TagRow): Tag => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

/** A tag by its id. */
export const tagById = compiled<CommerceDb, { id: string }>()((db, p) =>
  db.selectFrom('tags').select(tagColumns).where('id', '=', p('id')),
)

/** A tag by its slug. */
export const tagBySlug = compiled<CommerceDb, { slug: string }>()((db, p) =>
  db.selectFrom('tags').select(tagColumns).where('slug', '=', p('slug')),
)

/** One page of tags by name, with their sort columns. */
export const listTags = (db: Reader, page: PageInput) =>
  readPage(db.selectFrom('tags').select([...tagColumns, 'folded_name']), BY_NAME, page)

/** The tags of each of these products, by name, in one query; a product without tags is not in the map. */
export const tagsOf = async (db: Source, productIds: readonly string[]): Promise<Map<string, Tag[]>> => {
  const found = new Map<string, Tag[]>()
  if (productIds.length === 0) return found
  const rows = await db
    .selectFrom('product_tags')
    .innerJoin('tags', 'tags.id', 'product_tags.tag_id')
    .select([
      'product_tags.product_id',
      'tags.id',
      'tags.slug',
      'tags.name',
      'tags.created_at',
      'tags.updated_at',
    ])
    .where('product_tags.product_id', 'in', productIds)
    .orderBy('tags.folded_name')
    .orderBy('tags.id')
    .execute()
  for (const row of rows) {
    const tags = found.get(row.product_id)
    if (tags) tags.push(toTag(row))
    else found.set(row.product_id, [toTag(row)])
  }
  return found
}

/** Whether all these tags exist; they can't be deleted before the transaction ends. */
export const holdTags = async (db: Writer, ids: readonly string[]): Promise<boolean> => {
  if (ids.length === 0) return true
  const distinct = [...new Set(ids)].sort()
  const rows = await db
    .selectFrom('tags')
    .select('id')
    .where('id', 'in', distinct)
    .orderBy('id')
    .forKeyShare()
    .execute()
  return rows.length === distinct.length
}
