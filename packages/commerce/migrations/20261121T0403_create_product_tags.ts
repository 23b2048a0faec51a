import type { Migration } from '@plinth/db'

/** Which product has which tags. */
export const createProductTags: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('product_tags')
      .addColumn('product_id', type.id, (column) =>
        column.notNull().references('products.id').onDelete('cascade'),
      )
      .addColumn('tag_id', type.id, (column) => column.notNull().references('tags.id').onDelete('cascade'))
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('created_by', type.text, (column) => column.notNull())
      .addPrimaryKeyConstraint('product_tags_pkey', ['product_id', 'tag_id'])
      .execute()
  },
  async down({ schema }) {
    await schema.dropTable('product_tags').execute()
  },
}
