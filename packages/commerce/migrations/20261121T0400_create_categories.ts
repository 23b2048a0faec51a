import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** The tree of categories. */
export const createCategories: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('categories')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('parent_id', type.id, (column) => column.references('categories.id').onDelete('restrict'))
      .addColumn('slug', type.text, (column) => column.notNull())
      .addColumn('name', type.text, (column) => column.notNull())
      .addColumn('folded_name', type.text, (column) => column.notNull())
      .addColumn('description', type.text, (column) => column.notNull())
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('updated_at', type.moment, (column) => column.notNull())
      .addColumn('created_by', type.text, (column) => column.notNull())
      .addColumn('updated_by', type.text, (column) => column.notNull())
      .addColumn('deleted_at', type.moment)
      .addCheckConstraint('categories_slug_given', sql`slug <> ''`)
      .addCheckConstraint('categories_name_given', sql`name <> ''`)
      .addCheckConstraint('categories_not_own_parent', sql`parent_id <> id`)
      .execute()
  },
  async down({ schema }) {
    await schema.dropTable('categories').execute()
  },
}
