import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Who is told of events, and where. */
export const createWebhooks: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('webhooks')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('url', type.text, (column) => column.notNull())
      .addColumn('description', type.text, (column) => column.notNull())
      .addColumn('events', type.json, (column) => column.notNull())
      .addColumn('secret', type.text, (column) => column.notNull())
      .addColumn('previous_secret', type.text)
      .addColumn('previous_until', type.moment)
      .addColumn('disabled_at', type.moment)
      .addColumn('disabled_reason', type.text)
      .addColumn('failing_since', type.moment)
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('updated_at', type.moment, (column) => column.notNull())
      .addColumn('created_by', type.text, (column) => column.notNull())
      .addColumn('updated_by', type.text, (column) => column.notNull())
      .addCheckConstraint('webhooks_disabled', sql`(disabled_at is null) = (disabled_reason is null)`)
      .addCheckConstraint('webhooks_reason', sql`disabled_reason in ('by-hand', 'gone', 'failing')`)
      .addCheckConstraint('webhooks_previous', sql`(previous_secret is null) = (previous_until is null)`)
      // Sealed, never in clear.
      .addCheckConstraint('webhooks_sealed', sql`secret like 'v1.%' and previous_secret like 'v1.%'`)
      .execute()
    await schema.createIndex('webhooks_enabled').on('webhooks').columns(['disabled_at', 'id']).execute()
    await schema.createIndex('webhooks_previous').on('webhooks').column('previous_until').execute()
  },
  async down({ schema }) {
    await schema.dropTable('webhooks').execute()
  },
}
