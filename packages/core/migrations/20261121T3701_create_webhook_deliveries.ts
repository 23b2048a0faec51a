import type { Migration } from '@plinth/db'
import { sql } from 'kysely'

/** Events on their way to webhooks, and every attempt to get one there. */
export const createWebhookDeliveries: Migration = {
  async up({ schema, type }) {
    await schema
      .createTable('webhook_deliveries')
      .addColumn('id', type.id, (column) => column.primaryKey())
      .addColumn('webhook_id', type.id, (column) =>
        column.notNull().references('webhooks.id').onDelete('cascade'),
      )
      .addColumn('event_id', type.id, (column) => column.notNull())
      .addColumn('event_type', type.text, (column) => column.notNull())
      .addColumn('payload', type.text, (column) => column.notNull())
      .addColumn('state', type.text, (column) => column.notNull())
      .addColumn('attempts', type.integer, (column) => column.notNull())
      .addColumn('retries', type.integer, (column) => column.notNull())
      .addColumn('next_attempt_at', type.moment)
      .addColumn('created_at', type.moment, (column) => column.notNull())
      .addColumn('finished_at', type.moment)
      .addCheckConstraint('webhook_deliveries_state', sql`state in ('pending', 'delivered', 'dead')`)
      .addCheckConstraint(
        'webhook_deliveries_pending',
        sql`(state = 'pending') = (finished_at is null) and (state = 'pending') = (next_attempt_at is not null)`,
      )
      .execute()
    const index = (name: string, columns: readonly string[]) =>
      schema
        .createIndex(`webhook_deliveries_${name}`)
        .on('webhook_deliveries')
        .columns([...columns])
    // One for each event and webhook, however often the event is handed on.
    await index('event', ['event_id', 'webhook_id']).unique().execute()
    await index('webhook', ['webhook_id', 'id']).execute()
    await index('state', ['state', 'id']).execute()
    await index('finished', ['finished_at']).execute()
    await index('due', ['next_attempt_at']).execute()
    await schema
      .createTable('webhook_attempts')
      .addColumn('delivery_id', type.id, (column) =>
        column.notNull().references('webhook_deliveries.id').onDelete('cascade'),
      )
      .addColumn('number', type.integer, (column) => column.notNull())
      .addColumn('at', type.moment, (column) => column.notNull())
      .addColumn('status', type.integer)
      .addColumn('duration_ms', type.integer, (column) => column.notNull())
      .addColumn('error', type.text)
      .addColumn('answer', type.text)
      .addPrimaryKeyConstraint('webhook_attempts_pkey', ['delivery_id', 'number'])
      .execute()
  },
  async down({ schema }) {
    await schema.dropTable('webhook_attempts').execute()
    await schema.dropTable('webhook_deliveries').execute()
  },
}
