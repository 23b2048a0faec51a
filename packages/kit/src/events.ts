import type { Database } from '@plinth/db'
import type { Metrics } from './metrics.ts'
import type { DomainEvent } from './ports/events.ts'
import type { Tracer } from './ports/tracing.ts'
import type { Clock, Job, Jobs, NewJob, RetryRule } from './ports.ts'
import { PURGE_BATCH, purgeInBatches } from './schedules/batches.ts'
import type { KitTables } from './tables.ts'

/** What follows from an event: a job that gets the event's payload, at least once. */
export interface Subscriber {
  /** Type of the event, such as `accounts.registered`. */
  readonly event: string
  /** Name of the job, unique over all systems, such as `send-verification-mail`. */
  readonly job: string
  /** Left out: as all jobs are. */
  readonly retry?: RetryRule
  run(payload: unknown, job: Job, signal: AbortSignal): Promise<void>
}

/** What follows from many kinds of events: a job that gets the whole event, at least once. */
export interface Follower {
  /** Name of the job, unique over all systems, such as `publish-event`. */
  readonly job: string
  /** Whether an event of this type is of interest. */
  follows(type: string): boolean
  /** How many of these jobs run at once beside others, where they wait long; left out: they share the places of all. */
  readonly concurrency?: number
  run(event: DomainEvent, job: Job, signal: AbortSignal): Promise<void>
}

interface DispatcherDeps {
  readonly db: Database<KitTables>
  readonly jobs: Jobs
  readonly clock: Clock
  readonly metrics: Metrics
  readonly tracer?: Tracer | null
}

const BATCH = 100

interface Waiting {
  readonly id: string
  readonly type: string
  readonly payload: unknown
  readonly created_at: string
  readonly traceparent: string | null
}

/** Records that an event waited and is handed on; answers what its jobs go on from. */
const traceEvent = (
  tracer: Tracer | null | undefined,
  { type, created_at, traceparent }: Waiting,
  now: Date,
): string | undefined => {
  if (traceparent === null) return undefined
  const durationMs = Math.max(0, now.getTime() - Date.parse(created_at))
  const handed = tracer?.ended({
    name: `event ${type}`,
    kind: 'producer',
    parent: traceparent,
    attributes: { 'plinth.event': type },
    durationMs,
  })
  return handed ?? traceparent
}

const toEvent = (
  { id, type, payload, created_at }: Waiting,
  traceparent: string | undefined,
): DomainEvent => ({
  id,
  type,
  timestamp: created_at,
  data: payload,
  traceparent: traceparent ?? null,
})

/** Hands committed events to their subscribers and followers, each as a job, in the transaction that marks them as handed on. */
export const createDispatcher = (
  subscribers: readonly Subscriber[],
  deps: DispatcherDeps,
  followers: readonly Follower[] = [],
) => {
  const byEvent = Map.groupBy(subscribers, ({ event }) => event)
  for (const { job, run, retry } of subscribers)
    deps.jobs.handle(job, (started, signal) => run(started.payload, started, signal), retry)
  for (const { job, concurrency, run } of followers)
    deps.jobs.handle(
      job,
      // What is read back is what `jobsOf` wrote.
      (started, signal) => run(started.payload as DomainEvent, started, signal),
      concurrency === undefined ? undefined : { concurrency },
    )

  const jobsOf = (event: Waiting, traceparent: string | undefined): NewJob[] => [
    ...(byEvent.get(event.type) ?? []).map(({ job }) => ({ name: job, payload: event.payload, traceparent })),
    ...followers
      .filter((follower) => follower.follows(event.type))
      .map(({ job }) => ({ name: job, payload: toEvent(event, traceparent), traceparent })),
  ]

  const dispatchBatch = (): Promise<number> =>
    deps.db.transaction(async (db) => {
      // Another process that dispatches now has this batch: the next look will find what it leaves.
      if (!(await deps.db.dialect.tryLock(db, 'outbox'))) return 0
      const events = await db
        .selectFrom('outbox')
        .select(['id', 'type', 'payload', 'created_at', 'traceparent'])
        .where('dispatched_at', 'is', null)
        .orderBy('id')
        .limit(BATCH)
        .execute()
      if (events.length === 0) return 0
      const now = deps.clock.now()
      const jobs = events.flatMap((event) => jobsOf(event, traceEvent(deps.tracer, event, now)))
      if (jobs.length > 0) await deps.jobs.enqueue(db, jobs, now)
      const ids = events.map(({ id }) => id)
      await db
        .updateTable('outbox')
        .set({ dispatched_at: now.toISOString() })
        .where('id', 'in', ids)
        .execute()
      for (const { type } of events) deps.metrics.events.labels(type).inc()
      return events.length
    })

  return {
    /** Hands on all that waits; answers how many events. */
    async dispatch(): Promise<number> {
      let total = 0
      for (;;) {
        const count = await dispatchBatch()
        total += count
        if (count < BATCH) return total
      }
    },
  }
}

/** Deletes events that were handed on before a moment, a batch at a time; answers how many. */
export const purgeOutbox = (db: Database<KitTables>, before: Date, signal: AbortSignal): Promise<number> =>
  purgeInBatches(db, signal, (trx) => {
    const old = trx
      .selectFrom('outbox')
      .select('id')
      .where('dispatched_at', '<', before.toISOString())
      .orderBy('dispatched_at')
      .limit(PURGE_BATCH)
    return trx.deleteFrom('outbox').where('id', 'in', old).executeTakeFirst()
  })
