import { contract } from '@plinth/contract'
import { keyset, pageOf, type Row, type SortField } from '@plinth/db'
import type { CoreDb } from '../db.ts'
import { implement } from '../implement.ts'
import { deliverJob } from '../webhooks/job.ts'
import { PAUSES } from '../webhooks/rules.ts'
import { toDelivery } from './queries.ts'

const NEWEST_FIRST: readonly SortField[] = [{ column: 'id', direction: 'desc' }]
const MOST_ATTEMPTS = 50

const toAttempt = ({ delivery_id: _, duration_ms, ...attempt }: Row<CoreDb['webhook_attempts']>) => ({
  ...attempt,
  durationMs: duration_ms,
})

/** Deliveries of webhooks: what was sent where, and what was answered. */
export const webhookDeliveries = implement(contract.core.webhookDeliveries, {
  async list({ input: { limit, cursor, webhookId, eventId, state }, ctx }) {
    let query = ctx.db.selectFrom('webhook_deliveries').selectAll()
    if (webhookId !== undefined) query = query.where('webhook_id', '=', webhookId)
    if (eventId !== undefined) query = query.where('event_id', '=', eventId)
    if (state !== undefined) query = query.where('state', '=', state)
    const rows = await keyset(query, NEWEST_FIRST, cursor)
      .limit(limit + 1)
      .execute()
    const { items, nextCursor } = pageOf(rows, limit, NEWEST_FIRST)
    return { items: items.map(toDelivery), nextCursor }
  },

  async get({ input: { id }, ctx, fail }) {
    const found = await ctx.db
      .selectFrom('webhook_deliveries')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    const row = found ?? fail('NOT_FOUND')
    const attempts = await ctx.db
      .selectFrom('webhook_attempts')
      .selectAll()
      .where('delivery_id', '=', id)
      .orderBy('number', 'desc')
      .limit(MOST_ATTEMPTS)
      .execute()
    return { ...toDelivery(row), payload: row.payload, log: attempts.map(toAttempt) }
  },

  async redeliver({ input: { id }, ctx, fail }) {
    const known = await ctx.db
      .selectFrom('webhook_deliveries')
      .innerJoin('webhooks', 'webhooks.id', 'webhook_deliveries.webhook_id')
      .select(['webhook_deliveries.state', 'webhook_deliveries.retries', 'webhooks.disabled_at'])
      .where('webhook_deliveries.id', '=', id)
      .executeTakeFirst()
    const found = known ?? fail('NOT_FOUND')
    if (found.disabled_at !== null) fail('WEBHOOK_DISABLED')
    const row = await ctx.db
      .updateTable('webhook_deliveries')
      .set({
        state: 'pending',
        next_attempt_at: ctx.now.toISOString(),
        finished_at: null,
        // What had ended is tried once more and no more; what waits still goes on as before.
        retries: found.state === 'pending' ? found.retries : PAUSES.length,
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
    // Without the key of the job that may wait for its moment: this one is not to wait.
    const { key: _, ...job } = deliverJob(id, row.attempts + 1)
    ctx.enqueue(job)
    return toDelivery(row)
  },
})
