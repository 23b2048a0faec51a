import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** How each backup went. */
export const createBackups: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('backups')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('started_at', type.moment, (column) => column.notNull())
      .addColumn('ended_at', type.moment, (column) => column.notNull())
      .addColumn('location', type.text, (column) => column.notNull())
      .addColumn('bytes', type.bigint, (column) => column.notNull())
      .addColumn('rows', type.bigint, (column) => column.notNull())
      .addColumn('error', type.text)
      .addCheckConstraint('backups_times', sql`ended_at >= started_at`)
      .execute()
    await schema.createIndex('backups_ended').on('backups').columns(['ended_at', 'id']).execute()
  },
  async down({ schema }) {
    await schema.dropTable('backups').execute()
  },
}
