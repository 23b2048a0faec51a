import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Words that products are marked with. */
export const createTags: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('tags')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('slug', type.text, (column) => column.notNull())
      .addColumn('name', type.text, (column) => column.notNull())
      .addColumn('folded_name', type.text, (column) => column.notNull())
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('updated_at', type.moment, (column) => column.notNull())
      .addColumn('created_by', type.text, (column) => column.notNull())
      .addColumn('updated_by', type.text, (column) => column.notNull())
      .addUniqueConstraint('tags_slug_unique', ['slug'])
      .addCheckConstraint('tags_slug_given', sql`slug <> ''`)
      .addCheckConstraint('tags_name_given', sql`name <> ''`)
      .execute()
  },
  async down({ schema }) {
    await schema.dropTable('tags').execute()
  },
}
