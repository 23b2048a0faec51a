import type { Database } from '@plinth/db'
import { Gauge } from 'prom-client'
import type { Metrics } from './metrics.ts'
import type { Cache, Jobs } from './ports.ts'

interface Watched {
  readonly jobs: Jobs
  readonly cache: Cache
  readonly db: Pick<Database, 'stats'>
}

/** Adds gauges that are read when somebody looks: jobs by state, what the cache keeps, connections in use. */
export const watchParts = ({ registry }: Metrics, { jobs, cache, db }: Watched): void => {
  const gauge = (
    name: string,
    help: string,
    label: string,
    read: () => Promise<Readonly<Record<string, number>>>,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      async collect() {
        for (const [value, count] of Object.entries(await read())) this.set({ [label]: value }, count)
      },
    })
  gauge('plinth_jobs_kept', 'Jobs that are kept, by state', 'state', () => jobs.counts())
  gauge('plinth_cache_state', 'What the cache keeps and has given', 'of', async () => ({ ...cache.stats() }))
  gauge('plinth_connections', 'Database connections, by handle and state', 'of', async () => {
    const { read, write } = db.stats()
    const named = (role: string, stats: object) =>
      Object.entries(stats).map(([state, count]): [string, number] => [`${role}_${state}`, Number(count)])
    return Object.fromEntries([...named('read', read), ...named('write', write)])
  })
}
