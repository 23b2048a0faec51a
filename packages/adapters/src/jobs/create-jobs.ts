import type { Clock, JobHandler, Jobs, Logger, Metrics, NewJob, RetryRule, Tracer } from '@plinth/kit'
import { MOST_PAUSE_MS } from './backoff.ts'
import type { JobStore, RuleOf } from './job-store.ts'
import { createRunner } from './runner.ts'
import { createWorker } from './worker.ts'

/** How jobs are run; all of it has a default. Times are milliseconds. */
export interface JobsSettings {
  /** How many run at the same time (default 4). */
  readonly concurrency?: number
  /** How often a job is begun before it is given up as dead (default 10). */
  readonly maxAttempts?: number
  /** The longest that one attempt may take (default 5 minutes); then another worker may take the job over. */
  readonly leaseMs?: number
  /** How often the worker looks for jobs that have come due, when nothing pokes it (default 1,000). */
  readonly pollMs?: number
}

/** The settings with every default filled in. */
export const withDefaults = ({
  concurrency = 4,
  maxAttempts = 10,
  leaseMs = 300_000,
  pollMs = 1000,
}: JobsSettings): Required<JobsSettings> => ({ concurrency, maxAttempts, leaseMs, pollMs })

/** What all adapters are given, whatever they keep jobs in. */
export interface JobsDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics?: Pick<Metrics, 'jobs'>
  readonly settings?: JobsSettings
  readonly tracer?: Tracer | null
}

/** Jobs that know the span that adds them. */
const traced = (jobs: readonly NewJob[], tracer: Tracer): readonly NewJob[] => {
  const traceparent = tracer.current()?.traceparent
  return traceparent === undefined
    ? jobs
    : jobs.map((job) => ({ ...job, traceparent: job.traceparent ?? traceparent }))
}

/** Makes the port from where jobs are kept: taking, running and stopping are the same for all. */
export const createJobs = (
  store: JobStore,
  { clock, log, metrics, settings = {}, tracer }: JobsDeps,
): Jobs => {
  const { concurrency, leaseMs, pollMs, maxAttempts } = withDefaults(settings)
  const rules = new Map<string, RetryRule>()
  const ruleOf: RuleOf = (name) => ({ maxAttempts, maxPauseMs: MOST_PAUSE_MS, ...rules.get(name) })
  const lane = (most: number) => {
    const handlers = new Map<string, JobHandler>()
    const runner = createRunner({ store, handlers, ruleOf, log, metrics, leaseMs, tracer })
    const worker = createWorker({ store, runner, clock, log, concurrency: most, pollMs })
    return { handlers, runner, worker, most }
  }
  const common = lane(concurrency)
  // Kinds of jobs that are not to hold up others, each beside them.
  const own: ReturnType<typeof lane>[] = []
  let started = false

  const runLane = async ({ runner, most }: ReturnType<typeof lane>, now: Date): Promise<number> => {
    for (let total = 0; ; ) {
      const { seen, claimed } = await runner.claim({ now, most })
      if (seen === 0) return total
      await Promise.all(claimed.map(runner.run))
      total += claimed.length
    }
  }

  return {
    enqueue: async (db, jobs, now) => {
      if (jobs.length > 0) await store.add(db, tracer ? traced(jobs, tracer) : jobs, now, ruleOf)
    },
    handle(name, handler, { concurrency: most, ...retry } = {}) {
      if ([common, ...own].some(({ handlers }) => handlers.has(name)))
        throw new Error(`the job '${name}' has a handler already`)
      const into = most === undefined ? common : lane(most)
      into.handlers.set(name, handler)
      rules.set(name, retry)
      if (into === common) return
      own.push(into)
      if (started) into.worker.start()
    },
    async runDue(now) {
      for (let total = 0; ; ) {
        let ran = 0
        for (const each of [common, ...own]) ran += await runLane(each, now)
        if (ran === 0) return total
        total += ran
      }
    },
    poke() {
      for (const { worker } of [common, ...own]) worker.poke()
    },
    start() {
      started = true
      for (const { worker } of [common, ...own]) worker.start()
    },
    async stop() {
      started = false
      await Promise.all([common, ...own].map(({ worker }) => worker.stop()))
      await store.close()
    },
    counts: () => store.counts(),
    dueSince: () => store.dueSince(),
    list: (db, filter) => store.list(db, filter),
    get: (db, id) => store.get(db, id),
    redrive: (db, id, now) => store.redrive(db, id, now, ruleOf),
  }
}
