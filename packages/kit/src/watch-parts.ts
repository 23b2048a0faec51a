import type { Database } from '@plinth/db'
import { Gauge } from 'prom-client'
import type { Metrics } from './metrics.ts'
import type { Cache, Clock, Jobs } from './ports.ts'

interface Watched {
  readonly jobs: Jobs
  readonly clock: Clock
  readonly cache: Cache
  readonly db: Pick<Database, 'stats'>
}

interface WatchedState {
  readonly name: string
  readonly help: string
  read(): Promise<Readonly<Record<string, number>>>
}

/**
 * Adds a gauge for what one part says of itself, read when somebody looks. While it can't be read it shows nothing, and
 * all the rest is shown as ever.
 */
export const watchState = ({ registry }: Metrics, { name, help, read }: WatchedState, label = 'of'): void => {
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    async collect() {
      const counts = await read().catch(() => ({}))
      // What it no longer says must not stay.
      this.reset()
      for (const [value, count] of Object.entries(counts)) this.set({ [label]: value }, count)
    },
  })
}

/** Adds gauges that are read when somebody looks: jobs by state, what the cache keeps, connections in use. */
export const watchParts = (metrics: Metrics, { jobs, cache, db, clock }: Watched): void => {
  watchState(
    metrics,
    {
      name: 'plinth_jobs_kept',
      help: 'Jobs that are kept, by state (ready, running, done, dead)',
      read: async () => ({ ready: 0, running: 0, done: 0, dead: 0, ...(await jobs.counts()) }),
    },
    'state',
  )
  watchState(
    metrics,
    {
      name: 'plinth_jobs_oldest_seconds',
      help: 'For how long the job that is due for longest (state ready) has waited; 0 when none is due',
      async read() {
        const since = await jobs.dueSince()
        return { ready: since === null ? 0 : Math.max(0, clock.now().getTime() - Date.parse(since)) / 1000 }
      },
    },
    'state',
  )
  watchState(metrics, {
    name: 'plinth_cache_state',
    help: 'The cache of answers: entries and bytes now, and since the start its hits, misses and evictions',
    read: async () => ({ ...(await cache.stats()) }),
  })
  watchState(metrics, {
    name: 'plinth_connections',
    help: 'Database connections of this process, by handle and state, such as read_open, read_waiting, write_idle, write_max',
    async read() {
      const { read, write } = db.stats()
      const named = (role: string, stats: object) =>
        Object.entries(stats).map(([state, count]): [string, number] => [`${role}_${state}`, Number(count)])
      return Object.fromEntries([...named('read', read), ...named('write', write)])
    },
  })
}
