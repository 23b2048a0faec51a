import type { Database } from '@plinth/db'
import type { Clock, JobHandler, Logger, Metrics } from '@plinth/kit'
import type { AdapterTables } from '../tables.ts'
import { backoffMs } from './backoff.ts'
import { claimJobs } from './claim.ts'
import { endJob, type HeldJob, putBack } from './store.ts'

interface RunnerDeps {
  readonly db: Database<AdapterTables>
  readonly handlers: ReadonlyMap<string, JobHandler>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'jobs'> | undefined
  readonly leaseMs: number
}

/** Rejects when the signal aborts; the timer of the signal alone does not keep the process alive. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('it took longer than its lease')), { once: true })
  })

/** Takes due jobs and runs them one attempt each; what a handler throws ends up in the job's row. */
export const createRunner = ({ db, handlers, clock, log, metrics, leaseMs }: RunnerDeps) => {
  const count = (name: string, result: string) => metrics?.jobs.labels(name, result).inc()

  const failed = async (job: HeldJob, error: unknown): Promise<void> => {
    const now = clock.now()
    const facts = { err: error, job: job.id, name: job.name, attempt: job.attempts }
    if (job.attempts >= job.max_attempts) {
      log.error(facts, 'job failed for the last time')
      count(job.name, 'dead')
      await endJob(db, job, 'dead', { now, error })
      return
    }
    log.warn(facts, 'job failed and is tried again')
    count(job.name, 'retried')
    const runAt = new Date(now.getTime() + backoffMs(job.attempts))
    await putBack(db, job, runAt, { now, error })
  }

  const attempt = async (job: HeldJob): Promise<void> => {
    const handler = handlers.get(job.name)
    if (!handler) throw new Error(`the job '${job.name}' has no handler`)
    const lease = new AbortController()
    const timer = setTimeout(() => lease.abort(), leaseMs).unref()
    const { id, name, payload, attempts } = job
    try {
      const work = handler({ id, name, payload, attempt: attempts }, lease.signal)
      await Promise.race([work, aborted(lease.signal)])
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    /** Takes up to `most` jobs that are due; `seen` is 0 only when there are none. */
    async claim(now: Date, most: number): Promise<{ seen: number; claimed: HeldJob[] }> {
      const result = await claimJobs(db, { names: [...handlers.keys()], now, most, leaseMs })
      for (const job of result.lost) {
        log.error({ job: job.id, name: job.name }, 'job given up: its worker was gone each time')
        count(job.name, 'dead')
      }
      return result
    },

    /** Runs one attempt of a job that is held, and writes down how it ended. */
    async run(this: void, job: HeldJob): Promise<void> {
      try {
        await attempt(job)
      } catch (error) {
        await failed(job, error)
        return
      }
      const mine = await endJob(db, job, 'done', { now: clock.now() })
      count(job.name, mine ? 'done' : 'overtaken')
    },
  }
}
