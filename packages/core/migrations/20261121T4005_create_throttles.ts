import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Failures by what they were aimed at, and until when it is locked for them. */
export const createThrottles: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('throttles')
      .addColumn('key', type.text, (column) => column.primaryKey())
      .addColumn('failures', type.integer, (column) => column.notNull())
      .addColumn('began_at', type.moment, (column) => column.notNull())
      .addColumn('locked_until', type.moment)
      .addColumn('expires_at', type.moment, (column) => column.notNull())
      .addCheckConstraint('throttles_failures_check', sql`failures > 0`)
      .execute()
    await schema.createIndex('throttles_expiry').on('throttles').column('expires_at').execute()
  },
  async down({ schema }) {
    await schema.dropTable('throttles').execute()
  },
}
