import type { Row } from '@plinth/db'
import type { CoreDb } from '../db.ts'

/** A delivery as it is answered. */
export const toDelivery = (row: Row<CoreDb['webhook_deliveries']>) => ({
  id: row.id,
  webhookId: row.webhook_id,
  eventId: row.event_id,
  eventType: row.event_type,
  state: row.state,
  attempts: row.attempts,
  nextAttemptAt: row.next_attempt_at,
  createdAt: row.created_at,
  finishedAt: row.finished_at,
})
