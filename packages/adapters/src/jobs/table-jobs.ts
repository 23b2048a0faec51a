import type { Database } from '@plinth/db'
import type { Jobs, KitTables } from '@plinth/kit'
import type { AdapterTables } from '../tables.ts'
import { backoffMs } from './backoff.ts'
import { claimJobs } from './claim.ts'
import { createJobs, type JobsDeps, withDefaults } from './create-jobs.ts'
import type { JobStore } from './job-store.ts'
import { getJob, listJobs, redriveJob } from './table-look.ts'
import { addJobs, countJobs, dueSince, endJob, purgeJobs, putBack } from './table-rows.ts'

interface TableJobsDeps extends JobsDeps {
  readonly db: Database<KitTables>
  /** Tells the time by which leases end and jobs come due; left out, the clock of the database, which all workers share. */
  readonly time?: () => Promise<Date>
}

const HOUR_MS = 3_600_000
const TIDY_EVERY_MS = 60_000
const PURGE_BATCH = 500
const KEEP_DONE_MS = 24 * HOUR_MS
const KEEP_DEAD_MS = 30 * 24 * HOUR_MS

const createTableStore = (
  db: Database<AdapterTables>,
  time: () => Promise<Date>,
  leaseMs: number,
): JobStore => ({
  add: addJobs,
  claim: async ({ names, most, now }) => claimJobs(db, { names, most, now: now ?? (await time()), leaseMs }),
  done: async (job) => endJob(db, job, 'done', { now: await time() }),
  async failed(job, error, maxPauseMs) {
    const now = await time()
    const mine = job.last
      ? await endJob(db, job, 'dead', { now, error })
      : await putBack(db, job, new Date(now.getTime() + backoffMs(job.attempt - job.earlier, maxPauseMs)), {
          now,
          error,
        })
    if (!mine) return 'overtaken'
    return job.last ? 'dead' : 'retried'
  },
  tidyEveryMs: TIDY_EVERY_MS,
  async tidy() {
    const now = (await time()).getTime()
    const most = PURGE_BATCH
    const done = await purgeJobs(db, { state: 'done', before: new Date(now - KEEP_DONE_MS), most })
    const dead = await purgeJobs(db, { state: 'dead', before: new Date(now - KEEP_DEAD_MS), most })
    return Math.max(done, dead) === PURGE_BATCH
  },
  counts: () => countJobs(db),
  dueSince: () => dueSince(db),
  list: listJobs,
  get: getJob,
  redrive: redriveJob,
  close: async () => undefined,
})

/**
 * Keeps jobs in the table `jobs` and runs those whose name has a handler here; several processes may share
 * the table. Jobs that are done are deleted after a day, dead ones after thirty.
 */
export const createTableJobs = ({ db, time, ...deps }: TableJobsDeps): Jobs => {
  const tables = db.as<AdapterTables>()
  const shared = time ?? (() => db.dialect.now(db.read))
  return createJobs(createTableStore(tables, shared, withDefaults(deps.settings ?? {}).leaseMs), deps)
}
