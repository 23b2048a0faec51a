import { type Database, json, type Row, violation, type WriteDb } from '@plinth/db'
import { type KitTables, type NewJob, newId } from '@plinth/kit'
import type { AdapterTables } from '../tables.ts'
import { errorText, type HeldJob, type RuleOf } from './job-store.ts'

type JobRow = Row<AdapterTables['jobs']>

// Rows of one statement: far below the parameters that an engine takes.
const CHUNK = 500
/** Adds jobs in the caller's transaction; one whose name and key wait already is left out. */
export const addJobs = async (
  db: WriteDb<KitTables>,
  jobs: readonly NewJob[],
  now: Date,
  ruleOf: RuleOf,
): Promise<void> => {
  const trx = db as WriteDb<AdapterTables>
  const rows = jobs.map(({ name, payload, runAt, key, traceparent }) => ({
    id: newId('job', now),
    name,
    payload: json(payload),
    key: key ?? null,
    state: 'ready' as const,
    run_at: (runAt ?? now).toISOString(),
    attempts: 0,
    earlier_attempts: 0,
    max_attempts: ruleOf(name).maxAttempts,
    locked_until: null,
    last_error: null,
    created_at: now.toISOString(),
    finished_at: null,
    traceparent: traceparent ?? null,
  }))
  for (let start = 0; start < rows.length; start += CHUNK)
    await trx
      .insertInto('jobs')
      .values(rows.slice(start, start + CHUNK))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

/** Changes a job only while it is as it was seen; false when another worker was first. */
export const changeJob = async (
  trx: WriteDb<AdapterTables>,
  seen: Pick<JobRow, 'id' | 'state' | 'attempts' | 'earlier_attempts'>,
  values: Partial<AdapterTables['jobs']>,
): Promise<boolean> => {
  const result = await trx
    .updateTable('jobs')
    .set(values)
    .where('id', '=', seen.id)
    .where('state', '=', seen.state)
    .where('attempts', '=', seen.attempts)
    .where('earlier_attempts', '=', seen.earlier_attempts)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** How an attempt ended; `error` is what it failed of. */
export interface Ending {
  readonly now: Date
  readonly error?: unknown
}

const changeHeld = (
  db: Database<AdapterTables>,
  { id, attempt, earlier }: HeldJob,
  ending: Ending,
  values: Partial<AdapterTables['jobs']>,
): Promise<boolean> => {
  const lastError = 'error' in ending ? errorText(ending.error) : null
  return db.transaction((trx) =>
    changeJob(
      trx,
      { id, attempts: attempt - earlier, earlier_attempts: earlier, state: 'running' },
      { locked_until: null, last_error: lastError, ...values },
    ),
  )
}

/** Ends a job for good; false when another worker has taken it over. */
export const endJob = (
  db: Database<AdapterTables>,
  job: HeldJob,
  state: 'done' | 'dead',
  ending: Ending,
): Promise<boolean> => changeHeld(db, job, ending, { state, finished_at: ending.now.toISOString() })

/**
 * Puts a job back for another attempt; false when another worker has taken it over. Where one of its name and key waits by now, that one stands for both
 * and this one ends.
 */
export const putBack = async (
  db: Database<AdapterTables>,
  job: HeldJob,
  runAt: Date,
  ending: Ending,
): Promise<boolean> => {
  try {
    return await changeHeld(db, job, ending, { state: 'ready', run_at: runAt.toISOString() })
  } catch (failure) {
    if (violation(failure)?.kind !== 'unique') throw failure
    return endJob(db, job, 'done', ending)
  }
}

/** Deletes up to `most` jobs that ended in a state before a moment; answers how many. */
export const purgeJobs = (
  db: Database<AdapterTables>,
  { state, before, most }: { state: 'done' | 'dead'; before: Date; most: number },
): Promise<number> =>
  db.transaction(async (trx) => {
    const ended = trx
      .selectFrom('jobs')
      .select('id')
      .where('state', '=', state)
      .where('finished_at', '<', before.toISOString())
      .limit(most)
    const result = await trx.deleteFrom('jobs').where('id', 'in', ended).executeTakeFirst()
    return Number(result.numDeletedRows)
  })

/** How many jobs there are in each state that occurs. */
export const countJobs = async (db: Database<AdapterTables>): Promise<Record<string, number>> => {
  const rows = await db.read
    .selectFrom('jobs')
    .select(['state', ({ fn }) => fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]))
}

/** When the first of the jobs that wait came due, or will. */
export const dueSince = async (db: Database<AdapterTables>): Promise<string | null> => {
  const first = await db.read
    .selectFrom('jobs')
    .select('run_at')
    .where('state', '=', 'ready')
    .orderBy('run_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return first?.run_at ?? null
}
