import type { Migration } from '@plinth/db'

/** Lists of bad addresses that others keep, as they were imported last. */
export const createThreatLists: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('threat_lists')
      .addColumn('name', type.text, (column) => column.primaryKey())
      .addColumn('imported_at', type.moment, (column) => column.notNull())
      .addColumn('entries', type.integer, (column) => column.notNull())
      .execute()
    await schema
      .createTable('threat_ranges')
      .addColumn('list', type.text, (column) =>
        column.notNull().references('threat_lists.name').onDelete('cascade'),
      )
      .addColumn('range', type.text, (column) => column.notNull())
      .addPrimaryKeyConstraint('threat_ranges_pkey', ['list', 'range'])
      .execute()
  },
  async down({ schema }) {
    await schema.dropTable('threat_ranges').execute()
    await schema.dropTable('threat_lists').execute()
  },
}
