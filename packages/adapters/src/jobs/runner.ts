import { isPermanent, type JobHandler, type Logger, type Metrics, type Span, type Tracer } from '@plinth/kit'
import type { HeldJob, JobStore, RuleOf, Wanted } from './job-store.ts'

interface RunnerDeps {
  readonly store: JobStore
  readonly handlers: ReadonlyMap<string, JobHandler>
  readonly ruleOf: RuleOf
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'jobs'> | undefined
  readonly leaseMs: number
  readonly tracer?: Tracer | null | undefined
}

/** Rejects when the signal aborts; the timer of the signal alone does not keep the process alive. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('it took longer than its lease')), { once: true })
  })

/** A job with the time of this process until which it may run. */
export type TakenJob = HeldJob & { readonly until: number }

const SAID = {
  retried: 'job failed and is tried again',
  dead: 'job failed for the last time',
  overtaken: 'job failed here after another worker had taken it over',
} as const

/** Takes due jobs and runs them one attempt each; what a handler throws is kept with the job. */
export const createRunner = ({ store, handlers, ruleOf, log, metrics, leaseMs, tracer }: RunnerDeps) => {
  const count = (name: string, result: string) => metrics?.jobs.labels(name, result).inc()

  const attempt = async ({ id, name, payload, attempt: number, until }: TakenJob): Promise<void> => {
    const handler = handlers.get(name)
    if (!handler) throw new Error(`the job '${name}' has no handler`)
    const lease = new AbortController()
    const timer = setTimeout(() => lease.abort(), Math.max(1, until - performance.now())).unref()
    try {
      const work = handler({ id, name, payload, attempt: number }, lease.signal)
      await Promise.race([work, aborted(lease.signal)])
    } finally {
      clearTimeout(timer)
    }
  }

  const runOne = async (job: TakenJob, span?: Span): Promise<void> => {
    try {
      await attempt(job)
    } catch (error) {
      span?.fail(error)
      const last = job.last || isPermanent(error)
      const result = await store.failed({ ...job, last }, error, ruleOf(job.name).maxPauseMs)
      const facts = { err: error, job: job.id, name: job.name, attempt: job.attempt }
      log[result === 'dead' ? 'error' : 'warn'](facts, SAID[result])
      count(job.name, result)
      return
    }
    count(job.name, (await store.done(job)) ? 'done' : 'overtaken')
  }

  return {
    /** Takes jobs that are due; `seen` is 0 only when there are none. */
    async claim(wanted: Omit<Wanted, 'names'>): Promise<{ seen: number; claimed: readonly TakenJob[] }> {
      const names = [...handlers.keys()]
      if (names.length === 0 || wanted.most <= 0) return { seen: 0, claimed: [] }
      // From before the claim, so that we let go before the lease ends in the store.
      const until = performance.now() + leaseMs
      const { seen, claimed, lost } = await store.claim({ ...wanted, names })
      for (const job of lost) {
        log.error({ job: job.id, name: job.name }, 'job given up: its worker was gone each time')
        count(job.name, 'dead')
      }
      return { seen, claimed: claimed.map((job) => ({ ...job, until })) }
    },

    /** Runs one attempt of a job that is held, and writes down how it ended; a span of the trace that added it. */
    async run(this: void, job: TakenJob): Promise<void> {
      if (!tracer) return runOne(job)
      const attributes = { 'plinth.job': job.id, 'plinth.attempt': job.attempt }
      const plan = { name: `job ${job.name}`, kind: 'consumer', parent: job.traceparent, attributes } as const
      return tracer.span(plan, (span) => runOne(job, span))
    },
  }
}
