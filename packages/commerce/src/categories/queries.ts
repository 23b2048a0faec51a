import type { Category } from '@plinth/contract'
import { compiled, dialectOf, type Row } from '@plinth/db'
import type { CommerceDb, Reader, Source, Writer } from '../db.ts'
import { BY_NAME, type PageInput, readPage } from '../paging.ts'
import type { CategoriesTable } from './tables.ts'

/** The columns that a category on the wire is made of. */
export const categoryColumns = [
  'id',
  'slug',
  'name',
  'description',
  'parent_id',
  'created_at',
  'updated_at',
] as const

type CategoryRow = Pick<Row<CategoriesTable>, (typeof categoryColumns)[number]>

/** A category as the contract shows it. */
export const toCategory = (row: CategoryRow): Category => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  description: row.description,
  parentId: row.parent_id,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

const living = (db: Source) => db.selectFrom('categories').where('deleted_at', 'is', null)

/** A living category by its id. */
export const categoryById = compiled<CommerceDb, { id: string }>()((db, p) =>
  living(db).select(categoryColumns).where('id', '=', p('id')),
)

/** A living category by its slug. */
export const categoryBySlug = compiled<CommerceDb, { slug: string }>()((db, p) =>
  living(db).select(categoryColumns).where('slug', '=', p('slug')),
)

/** One page of categories by name, with their sort columns. */
export const listCategories = (
  db: Reader,
  { parentId, top }: { parentId?: string | undefined; top?: boolean | undefined },
  page: PageInput,
) => {
  let query = living(db).select([...categoryColumns, 'folded_name'])
  if (parentId !== undefined) query = query.where('parent_id', '=', parentId)
  if (top) query = query.where('parent_id', 'is', null)
  return readPage(query, BY_NAME, page)
}

/** The categories with these ids, in one query. */
export const categoriesOf = async (
  db: Source,
  ids: readonly (string | null)[],
): Promise<Map<string, Category>> => {
  const distinct = [...new Set(ids)].filter((id) => id !== null)
  if (distinct.length === 0) return new Map()
  const rows = await living(db).select(categoryColumns).where('id', 'in', distinct).execute()
  return new Map(rows.map((row) => [row.id, toCategory(row)]))
}

/** A subquery for the ids of a category and all below it. */
export const idsBelow = (db: Reader, id: string) =>
  db
    .withRecursive('below(id)', (tree) =>
      tree
        .selectFrom('categories')
        .select('id')
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .union(
          tree
            .selectFrom('categories')
            .innerJoin('below', 'below.id', 'categories.parent_id')
            .select('categories.id')
            .where('categories.deleted_at', 'is', null),
        ),
    )
    .selectFrom('below')
    .select('below.id')

/** The ids of a category and all above it. */
const idsAbove = async (db: Writer, id: string): Promise<string[]> => {
  const rows = await db
    .withRecursive('above(id, parent_id)', (tree) =>
      tree
        .selectFrom('categories')
        .select(['id', 'parent_id'])
        .where('id', '=', id)
        .union(
          tree
            .selectFrom('categories')
            .innerJoin('above', 'above.parent_id', 'categories.id')
            .select(['categories.id', 'categories.parent_id']),
        ),
    )
    .selectFrom('above')
    .select('above.id')
    .execute()
  return rows.map((row) => row.id)
}

/** Whether a category exists; it can't be deleted before the transaction ends. */
export const holdCategory = async (db: Writer, id: string): Promise<boolean> => {
  const row = await living(db).select('id').where('id', '=', id).forShare().executeTakeFirst()
  return row !== undefined
}

/**
 * Whether `id` may go below `parentId`, that is, is not above it. Moves wait for each other until the transaction
 * ends, so that of two which together would close a circle the second sees the first.
 */
export const holdPlace = async (db: Writer, id: string, parentId: string): Promise<boolean> => {
  await dialectOf(db).lock(db, 'categories.moves')
  return !(await idsAbove(db, parentId)).includes(id)
}
