import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

const DELETED = sql.ref('deleted_at')
const SORTS = ['folded_name', 'price_amount', 'stock', 'popularity', 'created_at']

/** Indexes for every foreign key, filter and sort of the catalogue; lists see only what is not deleted. */
export const indexCatalogue: Migration = {
  async up({ schema }) {
    for (const table of ['categories', 'products'])
      await schema
        .createIndex(`${table}_slug_unique`)
        .unique()
        .on(table)
        .column('slug')
        .where(DELETED, 'is', null)
        .execute()
    await schema
      .createIndex('products_sku_unique')
      .unique()
      .on('products')
      .column('sku')
      .where(DELETED, 'is', null)
      .execute()
    for (const column of SORTS)
      await schema
        .createIndex(`products_${column}`)
        .on('products')
        .columns([column, 'id'])
        .where(DELETED, 'is', null)
        .execute()
    await schema.createIndex('products_category').on('products').column('category_id').execute()
    await schema
      .createIndex('product_tags_tag')
      .on('product_tags')
      .columns(['tag_id', 'product_id'])
      .execute()
    await schema
      .createIndex('categories_name')
      .on('categories')
      .columns(['folded_name', 'id'])
      .where(DELETED, 'is', null)
      .execute()
    await schema
      .createIndex('categories_parent')
      .on('categories')
      .columns(['parent_id', 'folded_name', 'id'])
      .execute()
    await schema.createIndex('tags_name').on('tags').columns(['folded_name', 'id']).execute()
  },
  async down({ schema }) {
    const indexes = [
      'tags_name',
      'categories_parent',
      'categories_name',
      'product_tags_tag',
      'products_category',
    ]
    const sorts = SORTS.map((column) => `products_${column}`)
    const unique = ['products_sku_unique', 'products_slug_unique', 'categories_slug_unique']
    for (const index of [...indexes, ...sorts, ...unique]) await schema.dropIndex(index).execute()
  },
}
