import type { Database, WriteDb } from '@plinth/db'
import { newId } from '../ids.ts'
import type { Job } from '../ports.ts'
import type { KitTables } from '../tables.ts'

/** Which run a job does. */
export interface RunPayload {
  readonly run: string
  readonly due: string
}

const KEEP_RUNS = 100
const LOST_MS = 24 * 3_600_000
const ERROR_LENGTH = 500

const trim = async (trx: WriteDb<KitTables>, schedule: string, now: Date): Promise<void> => {
  const oldest = trx
    .selectFrom('schedule_runs')
    .select('due_at')
    .where('schedule', '=', schedule)
    .orderBy('due_at', 'desc')
    .limit(1)
    .offset(KEEP_RUNS - 1)
  await trx
    .deleteFrom('schedule_runs')
    .where('schedule', '=', schedule)
    .where('due_at', '<', oldest)
    .execute()
  // Its job was given up without a word, as its worker was gone each time.
  await trx
    .updateTable('schedule_runs')
    .set({ state: 'failed', ended_at: now.toISOString(), error: 'it never ended' })
    .where('schedule', '=', schedule)
    .where('state', 'in', ['waiting', 'running'])
    .where('due_at', '<', new Date(now.getTime() - LOST_MS).toISOString())
    .execute()
}

/** Writes down that a schedule is due, once: null when it was written down before. Keeps the last hundred runs. */
export const addRun = async (
  trx: WriteDb<KitTables>,
  schedule: string,
  due: Date,
  now: Date,
): Promise<RunPayload | null> => {
  const moment = due.toISOString()
  const { numUpdatedRows } = await trx
    .updateTable('schedules')
    .set({ last_due_at: moment })
    .where('name', '=', schedule)
    .where('last_due_at', '<', moment)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return null
  const id = newId('run', now)
  const row = { id, schedule, due_at: moment, state: 'waiting' as const, attempts: 0 }
  await trx
    .insertInto('schedule_runs')
    .values({ ...row, started_at: null, ended_at: null, error: null })
    .execute()
  await trim(trx, schedule, now)
  return { run: id, due: moment }
}

/** Keeps the history of one run while its job is tried. */
export const createRunLog = (db: Database<KitTables>, time: () => Promise<Date>) => {
  const end = async (id: string, attempt: number, state: 'done' | 'failed', error: string | null) => {
    const endedAt = (await time()).toISOString()
    await db.transaction((trx) =>
      trx
        .updateTable('schedule_runs')
        .set({ state, ended_at: endedAt, error })
        .where('id', '=', id)
        // A worker that is late does not speak for the one that took over.
        .where('attempts', '=', attempt)
        .execute(),
    )
  }
  return async ({ attempt }: Job, { run: id }: RunPayload, work: () => Promise<void>): Promise<void> => {
    const startedAt = (await time()).toISOString()
    await db.transaction((trx) =>
      trx
        .updateTable('schedule_runs')
        .set({ state: 'running', attempts: attempt, started_at: startedAt, ended_at: null, error: null })
        .where('id', '=', id)
        // Nor does one that took the job long ago and gets to it only now.
        .where('attempts', '<', attempt)
        .execute(),
    )
    try {
      await work()
    } catch (error) {
      const text = String(error).replaceAll('\0', '').slice(0, ERROR_LENGTH).toWellFormed()
      await end(id, attempt, 'failed', text)
      throw error
    }
    await end(id, attempt, 'done', null)
  }
}
