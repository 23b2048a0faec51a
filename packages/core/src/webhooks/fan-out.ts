import { events, isEventName } from '@plinth/contract'
import type { Row, WriteDb } from '@plinth/db'
import { type DomainEvent, type Follower, newId } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'
import { deliverJob } from './job.ts'
import type { WebhookDeliveriesTable } from './tables.ts'

const CHUNK = 200

type NewDelivery = Pick<WebhookDeliveriesTable, 'webhook_id' | 'event_id' | 'event_type' | 'payload'>

/** A delivery that waits for its first attempt. */
export const newDelivery = (values: NewDelivery, now: Date): Row<WebhookDeliveriesTable> => ({
  ...values,
  id: newId('whd', now),
  state: 'pending',
  attempts: 0,
  retries: 0,
  next_attempt_at: now.toISOString(),
  created_at: now.toISOString(),
  finished_at: null,
})

/** The body that is sent: what the contract says of the event, and nothing else that the house may know of it. */
const bodyOf = ({ type, timestamp, data }: DomainEvent): string | null =>
  isEventName(type) ? JSON.stringify({ type, timestamp, data: events[type].data.parse(data) }) : null

const wantedBy = async (trx: WriteDb<CoreDb>, type: string, most: number): Promise<string[]> => {
  const enabled = await trx
    .selectFrom('webhooks')
    .select(['id', 'events'])
    .where('disabled_at', 'is', null)
    .orderBy('id')
    .limit(most)
    .execute()
  return enabled
    .filter((webhook) => webhook.events.some((name) => name === '*' || name === type))
    .map(({ id }) => id)
}

/** Makes a delivery of each public event for each webhook that wants it, once, however often this runs. */
export const fanOut = ({ db, clock, jobs, settings }: CoreDeps): Follower => ({
  job: 'fan-out-webhooks',
  // A test is for the one webhook that was asked to be tried out.
  follows: (type) => isEventName(type) && type !== 'webhooks.tested',
  async run(event) {
    const payload = bodyOf(event)
    if (payload === null) return
    await db.as<CoreDb>().transaction(async (trx) => {
      const now = clock.now()
      const wanted = await wantedBy(trx, event.type, settings.webhooks.most)
      const rows = wanted.map((webhookId) =>
        newDelivery({ webhook_id: webhookId, event_id: event.id, event_type: event.type, payload }, now),
      )
      for (let start = 0; start < rows.length; start += CHUNK) {
        const fresh = await trx
          .insertInto('webhook_deliveries')
          .values(rows.slice(start, start + CHUNK))
          .onConflict((conflict) => conflict.doNothing())
          .returning('id')
          .execute()
        await jobs.enqueue(
          trx,
          fresh.map(({ id }) => deliverJob(id, 1)),
          now,
        )
      }
    })
  },
})
