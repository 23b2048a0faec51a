import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Products, with an index for every filter and sort of their lists. */
export const createProducts: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('products')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('category_id', type.id, (column) => column.references('categories.id').onDelete('set null'))
      .addColumn('slug', type.text, (column) => column.notNull())
      .addColumn('sku', type.text)
      .addColumn('name', type.text, (column) => column.notNull())
      .addColumn('description', type.text, (column) => column.notNull())
      .addColumn('folded_name', type.text, (column) => column.notNull())
      .addColumn('folded_description', type.text, (column) => column.notNull())
      .addColumn('price_amount', type.bigint, (column) => column.notNull())
      .addColumn('price_currency', type.text, (column) => column.notNull())
      .addColumn('stock', type.bigint, (column) => column.notNull())
      .addColumn('popularity', type.bigint, (column) => column.notNull())
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('updated_at', type.moment, (column) => column.notNull())
      .addColumn('created_by', type.text, (column) => column.notNull())
      .addColumn('updated_by', type.text, (column) => column.notNull())
      .addColumn('deleted_at', type.moment)
      .addCheckConstraint('products_slug_given', sql`slug <> ''`)
      .addCheckConstraint('products_sku_given', sql`sku <> ''`)
      .addCheckConstraint('products_name_given', sql`name <> ''`)
      .addCheckConstraint('products_price_not_negative', sql`price_amount >= 0`)
      .addCheckConstraint('products_currency_code', sql`length(price_currency) = 3`)
      .addCheckConstraint('products_stock_not_negative', sql`stock >= 0`)
      .addCheckConstraint('products_popularity_not_negative', sql`popularity >= 0`)
      .execute()
  },
  async down({ schema }) {
    await schema.dropTable('products').execute()
  },
}
