import type { Database } from '@plinth/db'
import { Gauge } from 'prom-client'
import type { Metrics } from './metrics.ts'
import type { Cache, Jobs } from './ports.ts'

interface Watched {
  readonly jobs: Jobs
  readonly cache: Cache
  readonly db: Pick<Database, 'stats'>
}

interface WatchedState {
  readonly name: string
  readonly help: string
  read(): Promise<Readonly<Record<string, number>>>
}

/** Adds a gauge for what one part says of itself, read when somebody looks. */
export const watchState = ({ registry }: Metrics, { name, help, read }: WatchedState, label = 'of'): void => {
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    async collect() {
      for (const [value, count] of Object.entries(await read())) this.set({ [label]: value }, count)
    },
  })
}

/** Adds gauges that are read when somebody looks: jobs by state, what the cache keeps, connections in use. */
export const watchParts = (metrics: Metrics, { jobs, cache, db }: Watched): void => {
  const jobsHelp = 'Jobs that are kept, by state'
  watchState(metrics, { name: 'plinth_jobs_kept', help: jobsHelp, read: () => jobs.counts() }, 'state')
  watchState(metrics, {
    name: 'plinth_cache_state',
    help: 'What the cache keeps and has given',
    read: async () => ({ ...(await cache.stats()) }),
  })
  watchState(metrics, {
    name: 'plinth_connections',
    help: 'Database connections, by handle and state',
    async read() {
      const { read, write } = db.stats()
      const named = (role: string, stats: object) =>
        Object.entries(stats).map(([state, count]): [string, number] => [`${role}_${state}`, Number(count)])
      return Object.fromEntries([...named('read', read), ...named('write', write)])
    },
  })
}
