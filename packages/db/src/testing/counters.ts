import type { Migrations } from '../migrate.ts'

/** The one table that tests of handles and transactions need. */
export interface CounterTables {
  counters: { id: string; count: number }
}

/** A table with a number, for tests that race. */
export const counterMigrations: Migrations = {
  '20260101T0000_create_counters': {
    up: ({ schema, type }) =>
      schema
        .createTable('counters')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('count', type.integer, (column) => column.notNull())
        .execute(),
    down: ({ schema }) => schema.dropTable('counters').execute(),
  },
}
