import type { ReadDb, Row, WriteDb } from '@plinth/db'
import type { CoreDb } from '../db.ts'

/** A delivery with what its webhook says of it. */
export const dueDelivery = (db: ReadDb<CoreDb>, id: string) =>
  db
    .selectFrom('webhook_deliveries')
    .innerJoin('webhooks', 'webhooks.id', 'webhook_deliveries.webhook_id')
    .select([
      'webhook_deliveries.id',
      'webhook_deliveries.webhook_id',
      'webhook_deliveries.event_id',
      'webhook_deliveries.payload',
      'webhook_deliveries.state',
      'webhook_deliveries.attempts',
      'webhook_deliveries.retries',
      'webhooks.url',
      'webhooks.secret',
      'webhooks.previous_secret',
      'webhooks.previous_until',
      'webhooks.disabled_at',
      'webhooks.failing_since',
    ])
    .where('webhook_deliveries.id', '=', id)
    .executeTakeFirst()

/** A delivery that an attempt is made of. */
export type DueDelivery = NonNullable<Awaited<ReturnType<typeof dueDelivery>>>

/** A webhook as it is answered. */
export const toWebhook = (row: Row<CoreDb['webhooks']>) => ({
  id: row.id,
  url: row.url,
  description: row.description,
  events: row.events,
  enabled: row.disabled_at === null,
  disabledAt: row.disabled_at,
  disabledReason: row.disabled_reason,
  failingSince: row.failing_since,
  previousSecretUntil: row.previous_until,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

/** Since when a webhook is disabled, if it is; undefined when there is none. */
export const disabledSince = (db: WriteDb<CoreDb>, id: string) =>
  db.selectFrom('webhooks').select('disabled_at').where('id', '=', id).executeTakeFirst()
