import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Unhandled errors, one row for each cause. */
export const createFailures: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('failures')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('cause', type.text, (column) => column.notNull().unique())
      .addColumn('name', type.text, (column) => column.notNull())
      .addColumn('message', type.text, (column) => column.notNull())
      .addColumn('stack', type.text, (column) => column.notNull())
      .addColumn('context', type.json, (column) => column.notNull())
      .addColumn('occurred', type.bigint, (column) => column.notNull())
      .addColumn('first_at', type.moment, (column) => column.notNull())
      .addColumn('last_at', type.moment, (column) => column.notNull())
      .addCheckConstraint('failures_occurred', sql`occurred > 0`)
      .addCheckConstraint('failures_times', sql`last_at >= first_at`)
      .execute()
    await schema.createIndex('failures_last').on('failures').columns(['last_at', 'id']).execute()
  },
  async down({ schema }) {
    await schema.dropTable('failures').execute()
  },
}
