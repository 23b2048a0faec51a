import type { WriteDb } from '@plinth/db'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'
import { deliverJob } from './job.ts'

const DAY_MS = 24 * 3_600_000
const OVERDUE_MS = 3_600_000
const BATCH = 500

const purgeBatch = async (trx: WriteDb<CoreDb>, before: string): Promise<number> => {
  const old = trx.selectFrom('webhook_deliveries').select('id').where('finished_at', '<', before).limit(BATCH)
  const { numDeletedRows } = await trx
    .deleteFrom('webhook_deliveries')
    .where('id', 'in', old)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** Jobs for deliveries that are long due: theirs was given up, as when the database was away for hours. */
const hasten = (deps: CoreDeps, due: Date) =>
  deps.db.as<CoreDb>().transaction(async (trx) => {
    const overdue = await trx
      .selectFrom('webhook_deliveries')
      .select(['id', 'attempts'])
      .where('next_attempt_at', '<', new Date(due.getTime() - OVERDUE_MS).toISOString())
      .orderBy('next_attempt_at')
      .limit(BATCH)
      .execute()
    // One that waits already stands for both.
    const jobs = overdue.map(({ id, attempts }) => deliverJob(id, attempts + 1))
    await deps.jobs.enqueue(trx, jobs, deps.clock.now())
  })

/** Deletes deliveries that have served and secrets that were replaced, and sees to deliveries that were left behind. */
export const tidyWebhooks = async (deps: CoreDeps, due: Date, signal: AbortSignal): Promise<void> => {
  const db = deps.db.as<CoreDb>()
  const before = new Date(due.getTime() - deps.settings.webhooks.retentionDays * DAY_MS).toISOString()
  while ((await db.transaction((trx) => purgeBatch(trx, before))) === BATCH) signal.throwIfAborted()
  await db.transaction((trx) =>
    trx
      .updateTable('webhooks')
      .set({ previous_secret: null, previous_until: null })
      .where('previous_until', '<', due.toISOString())
      .execute(),
  )
  await hasten(deps, due)
}
