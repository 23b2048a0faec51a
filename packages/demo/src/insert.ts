import {
  type CategoryFields,
  type CommerceDb,
  insertCategories,
  insertProducts,
  slugOf,
} from '@plinth/commerce'
import type { WriteDb } from '@plinth/db'
import { newId } from '@plinth/kit'

/** A product of the demo data. */
export interface DemoProduct {
  readonly sku: string
  readonly name: string
  readonly description: string
  readonly price: { readonly amount: number; readonly currency: string }
  readonly stock: number
  readonly popularity: number
  /** Names of its categories from the top down. */
  readonly categories: readonly string[]
}

type Db = WriteDb<CommerceDb>

const AT_ONCE = 1000

/** Those of the values that a column of the products holds, of deleted ones too. */
const heldBy = async (db: Db, column: 'sku' | 'slug', values: readonly string[]): Promise<Set<string>> => {
  const held = new Set<string>()
  for (let at = 0; at < values.length; at += AT_ONCE) {
    const some = values.slice(at, at + AT_ONCE)
    const query = db.selectFrom('products').select(`${column} as value`).where(column, 'in', some)
    for (const { value } of await query.execute()) if (value !== null) held.add(value)
  }
  return held
}

/** Makes the categories that are not there yet; answers the id of each path. */
const placeCategories = async (
  db: Db,
  paths: readonly (readonly string[])[],
  now: Date,
): Promise<Map<string, string>> => {
  const steps = new Map(
    paths.flatMap((path) => path.map((_, at) => [path.slice(0, at + 1).join('/'), path.slice(0, at + 1)])),
  )
  const slugs = [...steps.values()].map((path) => slugOf(path.at(-1) ?? '', 'category'))
  const rows = await db
    .selectFrom('categories')
    .select(['id', 'slug'])
    .where('slug', 'in', slugs)
    .where('deleted_at', 'is', null)
    .execute()
  const bySlug = new Map(rows.map(({ id, slug }) => [slug, id]))
  const ids = new Map<string, string>()
  const missing: CategoryFields[] = []
  for (const [key, path] of steps) {
    const name = path.at(-1) ?? ''
    const slug = slugOf(name, 'category')
    const id = bySlug.get(slug) ?? newId('cat', now)
    ids.set(key, id)
    if (bySlug.has(slug)) continue
    bySlug.set(slug, id)
    missing.push({ id, slug, name, description: '', parent_id: ids.get(path.slice(0, -1).join('/')) ?? null })
  }
  await insertCategories(db, missing, now)
  return ids
}

/** Gives every product a slug that nobody has: from its name, then with its SKU, then with a number. */
const chooseSlugs = async (db: Db, products: readonly DemoProduct[]): Promise<string[]> => {
  const candidates = products.map(({ name, sku }) => {
    const base = slugOf(name, 'product')
    return [base, slugOf(`${base} ${sku}`, 'product')]
  })
  const taken = await heldBy(db, 'slug', candidates.flat())
  return candidates.map((options) => {
    let slug = options.find((option) => !taken.has(option))
    for (let number = 2; slug === undefined; number += 1) {
      const numbered = `${options.at(-1)}-${number}`
      if (!taken.has(numbered)) slug = numbered
    }
    taken.add(slug)
    return slug
  })
}

/** Stores the products whose SKU is not there yet, with the categories they need; answers how many. */
export const insertMissing = async (db: Db, products: readonly DemoProduct[], now: Date): Promise<number> => {
  const known = await heldBy(
    db,
    'sku',
    products.map(({ sku }) => sku),
  )
  const fresh = products.filter(({ sku }) => !known.has(sku))
  if (fresh.length === 0) return 0
  const slugs = await chooseSlugs(db, fresh)
  const places = await placeCategories(
    db,
    fresh.map(({ categories }) => categories),
    now,
  )
  const rows = fresh.map(({ sku, name, description, price, stock, popularity, categories }, at) => ({
    id: newId('prd', now),
    slug: slugs[at] ?? slugOf(sku, 'product'),
    category_id: places.get(categories.join('/')) ?? null,
    price_amount: price.amount,
    price_currency: price.currency,
    sku,
    name,
    description,
    stock,
    popularity,
  }))
  await insertProducts(db, rows, now)
  return rows.length
}
