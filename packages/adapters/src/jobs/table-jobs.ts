import type { Database } from '@plinth/db'
import type { Clock, JobHandler, Jobs, KitTables, Logger, Metrics } from '@plinth/kit'
import type { AdapterTables } from '../tables.ts'
import { createRunner } from './runner.ts'
import { addJobs, countJobs } from './store.ts'
import { createWorker } from './worker.ts'

/** How jobs are run; all of it has a default. Times are milliseconds. */
export interface TableJobsSettings {
  /** How many run at the same time (default 4). */
  readonly concurrency?: number
  /** How often a job is begun before it is given up as dead (default 10). */
  readonly maxAttempts?: number
  /** The longest that one attempt may take (default 5 minutes); then another worker may take the job over. */
  readonly leaseMs?: number
  /** How often the worker looks for jobs that have come due, when nothing pokes it (default 1,000). */
  readonly pollMs?: number
}

interface TableJobsDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics?: Pick<Metrics, 'jobs'>
  readonly settings?: TableJobsSettings
}

/**
 * Keeps jobs in the table `jobs` and runs those whose name has a handler here; several processes may share
 * the table. Jobs that are done are deleted after a day, dead ones after thirty.
 */
export const createTableJobs = ({ db: given, clock, log, metrics, settings = {} }: TableJobsDeps): Jobs => {
  const { concurrency = 4, maxAttempts = 10, leaseMs = 300_000, pollMs = 1000 } = settings
  const db = given.as<AdapterTables>()
  const handlers = new Map<string, JobHandler>()
  const runner = createRunner({ db, handlers, clock, log, metrics, leaseMs })
  const worker = createWorker({ db, runner, clock, log, concurrency, pollMs })
  return {
    enqueue: (trx, jobs, now) => addJobs(trx, jobs, { now, maxAttempts }),
    handle(name, handler) {
      if (handlers.has(name)) throw new Error(`the job '${name}' has a handler already`)
      handlers.set(name, handler)
    },
    async runDue(now) {
      for (let total = 0; ; ) {
        const { seen, claimed } = await runner.claim(now, concurrency)
        if (seen === 0) return total
        await Promise.all(claimed.map(runner.run))
        total += claimed.length
      }
    },
    poke: worker.poke,
    start: worker.start,
    stop: worker.stop,
    counts: () => countJobs(db),
  }
}
