import type { Database } from '@plinth/db'
import type { Clock, Logger } from '@plinth/kit'
import type { AdapterTables } from '../tables.ts'
import type { createRunner } from './runner.ts'
import { type HeldJob, purgeJobs } from './store.ts'

interface WorkerDeps {
  readonly db: Database<AdapterTables>
  readonly runner: ReturnType<typeof createRunner>
  readonly clock: Clock
  readonly log: Logger
  readonly concurrency: number
  readonly pollMs: number
}

const HOUR_MS = 3_600_000
const PURGE_EVERY_MS = 60_000
const PURGE_BATCH = 500
const KEEP_DONE_MS = 24 * HOUR_MS
const KEEP_DEAD_MS = 30 * 24 * HOUR_MS

/** Looks for due jobs when poked and now and then, and keeps up to `concurrency` of them running. */
export const createWorker = ({ db, runner, clock, log, concurrency, pollMs }: WorkerDeps) => {
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let again = false
  let purgedAt = clock.now().getTime()

  const begin = (job: HeldJob): void => {
    const run = runner
      .run(job)
      .catch((error: unknown) => {
        // The row could not be written: the lease ends on its own, and the job is begun again.
        log.error({ err: error, job: job.id, name: job.name }, 'the end of a job could not be kept')
      })
      .finally(() => {
        running.delete(run)
        poke()
      })
    running.add(run)
  }

  const purge = async (): Promise<void> => {
    const now = clock.now().getTime()
    if (now - purgedAt < PURGE_EVERY_MS) return
    purgedAt = now
    const most = PURGE_BATCH
    const done = await purgeJobs(db, { state: 'done', before: new Date(now - KEEP_DONE_MS), most })
    const dead = await purgeJobs(db, { state: 'dead', before: new Date(now - KEEP_DEAD_MS), most })
    // A full batch tells of more: go on at the next look rather than hold the database now.
    if (Math.max(done, dead) === PURGE_BATCH) purgedAt = 0
  }

  const look = async (): Promise<void> => {
    try {
      const { claimed } = await runner.claim(clock.now(), concurrency - running.size)
      for (const job of claimed) begin(job)
      await purge()
    } catch (error) {
      log.error({ err: error }, 'looking for jobs failed; the next look tries again')
    }
  }

  const loop = async (): Promise<void> => {
    do {
      again = false
      await look()
    } while (again && timer)
    looking = undefined
  }

  const poke = (): void => {
    if (!timer) return
    again = true
    looking ??= loop()
  }

  return {
    poke,
    start(this: void): void {
      timer ??= setInterval(poke, pollMs).unref()
      poke()
    },
    async stop(this: void): Promise<void> {
      clearInterval(timer)
      timer = undefined
      await looking
      await Promise.all(running)
    },
  }
}
