import type { contract } from '@plinth/contract'
import type { Handler } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { toDelivery } from '../webhook-deliveries/queries.ts'
import { newDelivery } from './fan-out.ts'
import { deliverJob } from './job.ts'
import { disabledSince } from './queries.ts'

/** Sends an event that nothing led to, to one webhook alone. */
export const test: Handler<typeof contract.core.webhooks.test, CoreDb> = async ({
  input: { id },
  ctx,
  fail,
}) => {
  const found = (await disabledSince(ctx.db, id)) ?? fail('NOT_FOUND')
  if (found.disabled_at !== null) fail('WEBHOOK_DISABLED')
  const type = 'webhooks.tested'
  const event = { type, timestamp: ctx.now.toISOString(), data: { webhookId: id } }
  const row = newDelivery(
    {
      webhook_id: id,
      event_id: ctx.newId('evt'),
      event_type: type,
      payload: JSON.stringify(event),
    },
    ctx.now,
  )
  await ctx.db.insertInto('webhook_deliveries').values(row).execute()
  ctx.enqueue(deliverJob(row.id, 1))
  return toDelivery(row)
}
