import type { WriteDb } from '@plinth/db'
import type { WebhookOutcome } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'
import { disable } from './disable.ts'
import { deliverJob } from './job.ts'
import type { DueDelivery } from './queries.ts'
import { pauseAfter } from './rules.ts'

const GONE = 410

/** Why an outcome is a failure; null when the receiver took the event over. A redirect is an answer like any other. */
const faultOf = ({ status, error }: WebhookOutcome): string | null => {
  if (status === null) return error ?? 'no answer'
  return status >= 200 && status < 300 ? null : `HTTP ${status}`
}

const keepAttempt = async (
  trx: WriteDb<CoreDb>,
  { id, attempts }: DueDelivery,
  outcome: WebhookOutcome,
  at: string,
): Promise<boolean> => {
  const number = attempts + 1
  const counted = await trx
    .updateTable('webhook_deliveries')
    .set({ attempts: number })
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .where('attempts', '=', attempts)
    .executeTakeFirst()
  // Another process has made this attempt too, and told of it first.
  if (counted.numUpdatedRows === 0n) return false
  const { status, durationMs, answer } = outcome
  await trx
    .insertInto('webhook_attempts')
    .values({
      delivery_id: id,
      number,
      at,
      status,
      duration_ms: durationMs,
      error: faultOf(outcome),
      answer,
    })
    .execute()
  return true
}

const finish = (trx: WriteDb<CoreDb>, id: string, state: 'delivered' | 'dead', at: string) =>
  trx
    .updateTable('webhook_deliveries')
    .set({ state, next_attempt_at: null, finished_at: at })
    .where('id', '=', id)
    .execute()

const setFailingSince = (trx: WriteDb<CoreDb>, { webhook_id }: DueDelivery, moment: string | null) =>
  trx
    .updateTable('webhooks')
    .set({ failing_since: moment })
    .where('id', '=', webhook_id)
    .where('failing_since', moment === null ? 'is not' : 'is', null)
    .execute()

/** Keeps what came of an attempt, and settles in the same transaction what follows from it. */
export const recordAttempt = (deps: CoreDeps, due: DueDelivery, outcome: WebhookOutcome, cause: string) =>
  deps.db.as<CoreDb>().transaction(async (trx) => {
    const now = deps.clock.now()
    const at = now.toISOString()
    if (!(await keepAttempt(trx, due, outcome, at))) return
    if (faultOf(outcome) === null) {
      await finish(trx, due.id, 'delivered', at)
      await setFailingSince(trx, due, null)
      return
    }
    if (outcome.status === GONE) {
      await finish(trx, due.id, 'dead', at)
      await disable(trx, deps, due, { reason: 'gone', cause })
      return
    }
    await setFailingSince(trx, due, at)
    const pause = pauseAfter(due.retries, outcome.retryAfterMs)
    if (pause === null) await finish(trx, due.id, 'dead', at)
    else {
      const next = new Date(now.getTime() + pause)
      await trx
        .updateTable('webhook_deliveries')
        .set({ retries: due.retries + 1, next_attempt_at: next.toISOString() })
        .where('id', '=', due.id)
        .execute()
      await deps.jobs.enqueue(trx, [deliverJob(due.id, due.attempts + 2, next)], now)
    }
    const failedFor = due.failing_since === null ? 0 : now.getTime() - Date.parse(due.failing_since)
    if (failedFor >= deps.settings.webhooks.disableAfterMs)
      await disable(trx, deps, due, { reason: 'failing', cause })
  })
