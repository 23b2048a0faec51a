import { foldName, foldText, type ReadDb } from '@plinth/db'
import { type Breach, type Invariant, invariantsOf } from '@plinth/kit'
import type { CommerceDb } from './db.ts'

const BATCH = 500

const unfoldedProducts = async (db: ReadDb<CommerceDb>, most: number): Promise<Breach[]> => {
  const breaches: Breach[] = []
  for (let last = ''; ; ) {
    const rows = await db
      .selectFrom('products')
      .select(['id', 'name', 'description', 'folded_name', 'folded_description'])
      .where('id', '>', last)
      .orderBy('id')
      .limit(BATCH)
      .execute()
    for (const row of rows)
      if (foldName(row.name) !== row.folded_name || foldText(row.description) !== row.folded_description)
        breaches.push({ row: `products id=${row.id}`, found: 'is searched by other words than it shows' })
    last = rows.at(-1)?.id ?? ''
    if (rows.length < BATCH || breaches.length >= most) return breaches
  }
}

/** What must hold in the tables of commerce. */
export const commerceInvariants: readonly Invariant[] = invariantsOf<CommerceDb>()({
  'products.amounts': {
    says: 'stock, price and popularity are never negative, and prices have a currency',
    async find(db, { most }) {
      const rows = await db
        .selectFrom('products')
        .select(['id', 'stock', 'price_amount', 'price_currency', 'popularity'])
        .where(({ or, eb, fn }) =>
          or([
            eb('stock', '<', 0),
            eb('price_amount', '<', 0),
            eb('popularity', '<', 0),
            eb(fn('length', ['price_currency']), '!=', 3),
          ]),
        )
        .orderBy('id')
        .limit(most)
        .execute()
      return rows.map(({ id, ...row }) => ({
        row: `products id=${id}`,
        found: `stock ${row.stock}, price ${row.price_amount} ${row.price_currency}, popularity ${row.popularity}`,
      }))
    },
  },
  'products.words': {
    says: 'the words that a product is searched and sorted by are those of its name and description',
    find: (db, { most }) => unfoldedProducts(db, most),
  },
  'products.category': {
    says: 'no product that is there is in a category that was deleted',
    async find(db, { most }) {
      const rows = await db
        .selectFrom('products')
        .innerJoin('categories', 'categories.id', 'products.category_id')
        .select(['products.id', 'products.category_id'])
        .where('products.deleted_at', 'is', null)
        .where('categories.deleted_at', 'is not', null)
        .orderBy('products.id')
        .limit(most)
        .execute()
      return rows.map(({ id, category_id }) => ({
        row: `products id=${id}`,
        found: `is in ${category_id}, which was deleted`,
      }))
    },
  },
  'categories.tree': {
    says: 'every category is reached from a root: the tree has no cycles',
    async find(db, { most }) {
      const rows = await db
        .withRecursive('reached(id)', (tree) =>
          tree
            .selectFrom('categories')
            .select('id')
            .where('parent_id', 'is', null)
            .union(
              tree
                .selectFrom('categories')
                .innerJoin('reached', 'reached.id', 'categories.parent_id')
                .select('categories.id'),
            ),
        )
        .selectFrom('categories')
        .select(['id', 'parent_id'])
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(selectFrom('reached').select('reached.id').whereRef('reached.id', '=', 'categories.id')),
          ),
        )
        .orderBy('id')
        .limit(most)
        .execute()
      return rows.map(({ id, parent_id }) => ({
        row: `categories id=${id}`,
        found: `is under ${parent_id} and no root leads there`,
      }))
    },
  },
  'categories.parent': {
    says: 'no category that is there is under one that was deleted',
    async find(db, { most }) {
      const rows = await db
        .selectFrom('categories')
        .innerJoin('categories as parent', 'parent.id', 'categories.parent_id')
        .select(['categories.id', 'categories.parent_id'])
        .where('categories.deleted_at', 'is', null)
        .where('parent.deleted_at', 'is not', null)
        .orderBy('categories.id')
        .limit(most)
        .execute()
      return rows.map(({ id, parent_id }) => ({
        row: `categories id=${id}`,
        found: `is under ${parent_id}, which was deleted`,
      }))
    },
  },
})
