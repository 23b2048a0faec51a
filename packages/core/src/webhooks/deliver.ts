import type { Job, WebhookOutcome } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'
import type { Hosts } from './hosts.ts'
import { attemptOf, deliverJob } from './job.ts'
import { type DueDelivery, dueDelivery } from './queries.ts'
import { recordAttempt } from './record.ts'
import { headersOf } from './rules.ts'

const NOT_SENT = { status: null, durationMs: 0, answer: null, retryAfterMs: null }

const send = async (
  due: DueDelivery,
  { clock, vault, webhookSender }: CoreDeps,
  signal: AbortSignal,
): Promise<WebhookOutcome> => {
  const at = clock.now()
  const isLive = due.previous_until !== null && due.previous_until > at.toISOString()
  const sealed = [due.secret, ...(isLive && due.previous_secret !== null ? [due.previous_secret] : [])]
  let secrets: string[]
  try {
    secrets = sealed.map((each) => vault.open(each, due.webhook_id))
  } catch {
    // Sealed under a server secret that is not known any more: to send what nobody can verify helps nobody.
    return { ...NOT_SENT, error: 'its secret can not be read: rotate it' }
  }
  const headers = headersOf({ id: due.event_id, at, body: due.payload }, secrets)
  return webhookSender.send({ url: due.url, headers, body: due.payload }, signal)
}

const giveUp = (deps: CoreDeps, id: string) =>
  deps.db
    .as<CoreDb>()
    .transaction((trx) =>
      trx
        .updateTable('webhook_deliveries')
        .set({ state: 'dead', next_attempt_at: null, finished_at: deps.clock.now().toISOString() })
        .where('id', '=', id)
        .where('state', '=', 'pending')
        .execute(),
    )

const postpone = async ({ db, clock, jobs }: CoreDeps, id: string, attempt: number, waitMs: number) => {
  const now = clock.now()
  const later = deliverJob(id, attempt, new Date(now.getTime() + waitMs))
  await db.transaction((trx) => jobs.enqueue(trx, [later], now))
}

/** Makes the attempt that a job names, unless it was made already; what comes of it decides what follows. */
export const deliver = (deps: CoreDeps, hosts: Hosts) => {
  // Two jobs may name one attempt, as when one was lost and found again; of those in one process, one makes it.
  const working = new Set<string>()

  const make = async (due: DueDelivery, job: Job, signal: AbortSignal): Promise<void> => {
    const { host } = new URL(due.url)
    const waitMs = hosts.take(host)
    if (waitMs !== null) return postpone(deps, due.id, due.attempts + 1, waitMs)
    let answered = false
    try {
      const outcome = await send(due, deps, signal)
      answered = outcome.status !== null
      await recordAttempt(deps, due, outcome, job.id)
    } finally {
      hosts.free(host, answered)
    }
  }

  return async (job: Job, signal: AbortSignal): Promise<void> => {
    const { id, attempt } = attemptOf(job)
    if (working.has(id)) return
    working.add(id)
    try {
      const due = await dueDelivery(deps.db.as<CoreDb>().read, id)
      if (due?.state !== 'pending' || due.attempts !== attempt - 1) return
      if (due.disabled_at !== null) await giveUp(deps, id)
      else await make(due, job, signal)
    } finally {
      working.delete(id)
    }
  }
}
