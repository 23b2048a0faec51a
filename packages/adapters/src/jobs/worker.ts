import type { Clock, Logger } from '@plinth/kit'
import type { JobStore } from './job-store.ts'
import type { createRunner, TakenJob } from './runner.ts'

interface WorkerDeps {
  readonly store: JobStore
  readonly runner: ReturnType<typeof createRunner>
  readonly clock: Clock
  readonly log: Logger
  readonly concurrency: number
  readonly pollMs: number
}

/** Looks for due jobs when poked and now and then, and keeps up to `concurrency` of them running. */
export const createWorker = ({ store, runner, clock, log, concurrency, pollMs }: WorkerDeps) => {
  const running = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let again = false
  let tidiedAt = clock.now().getTime()

  const begin = (job: TakenJob): void => {
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

  const tidy = async (): Promise<void> => {
    const now = clock.now().getTime()
    if (now - tidiedAt < store.tidyEveryMs) return
    tidiedAt = now
    // Where there is more of it, go on at the next look rather than hold the database now.
    if (await store.tidy()) tidiedAt = 0
  }

  const look = async (): Promise<void> => {
    try {
      const { claimed } = await runner.claim({ most: concurrency - running.size })
      for (const job of claimed) begin(job)
      await tidy()
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
