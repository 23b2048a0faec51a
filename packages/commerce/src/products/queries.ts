import type { Category, Product, Tag } from '@plinth/contract'
import { compiled, type Row } from '@plinth/db'
import { categoriesOf } from '../categories/queries.ts'
import type { CommerceDb, Source } from '../db.ts'
import { tagsOf } from '../tags/queries.ts'
import type { ProductsTable } from './tables.ts'

/** The columns that a product on the wire is made of. */
export const productColumns = [
  'id',
  'slug',
  'sku',
  'name',
  'description',
  'price_amount',
  'price_currency',
  'stock',
  'popularity',
  'category_id',
  'created_at',
  'updated_at',
] as const

/** A row of {@link productColumns}. */
export type ProductRow = Pick<Row<ProductsTable>, (typeof productColumns)[number]>

/** A product as the contract shows it, without related data. */
const toProduct = (row: ProductRow): Product => ({
  id: row.id,
  slug: row.slug,
  sku: row.sku,
  name: row.name,
  description: row.description,
  price: { amount: row.price_amount, currency: row.price_currency },
  stock: row.stock,
  popularity: row.popularity,
  categoryId: row.category_id,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

/** Products that are not deleted. */
export const living = (db: Source) => db.selectFrom('products').where('deleted_at', 'is', null)

/** A living product by its id. */
export const productById = compiled<CommerceDb, { id: string }>()((db, p) =>
  living(db).select(productColumns).where('id', '=', p('id')),
)

/** A living product by its slug. */
export const productBySlug = compiled<CommerceDb, { slug: string }>()((db, p) =>
  living(db).select(productColumns).where('slug', '=', p('slug')),
)

/** Related data by name, as `include` asks for it. */
export type Related = 'category' | 'tags'

/** The products of these rows with the related data asked for, each kind in one query. */
export const withRelated = async (
  db: Source,
  rows: readonly ProductRow[],
  include: readonly Related[] | undefined,
): Promise<Product[]> => {
  const products = rows.map(toProduct)
  if (!include || include.length === 0) return products
  if (include.includes('category')) {
    const categories = await categoriesOf(
      db,
      products.map(({ categoryId }) => categoryId),
    )
    for (const product of products) product.category = categoryOf(categories, product)
  }
  if (include.includes('tags')) {
    const tags = await tagsOf(
      db,
      products.map(({ id }) => id),
    )
    for (const product of products) product.tags = tags.get(product.id) ?? NO_TAGS
  }
  return products
}

const NO_TAGS: Tag[] = []

const categoryOf = (categories: ReadonlyMap<string, Category>, { categoryId }: Product): Category | null =>
  categoryId === null ? null : (categories.get(categoryId) ?? null)

/** One product with the related data asked for. */
export const oneWithRelated = async (
  db: Source,
  row: ProductRow,
  include: readonly Related[] | undefined,
): Promise<Product> => {
  const [product] = await withRelated(db, [row], include)
  return product ?? toProduct(row)
}
