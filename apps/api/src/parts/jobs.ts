import { createPgBossJobs, createTableJobs } from '@plinth/adapters'
import type { Database } from '@plinth/db'
import {
  type Clock,
  createSchedules,
  type Jobs,
  type KitTables,
  kitPurges,
  type Log,
  type Metrics,
  type Schedules,
  type Tracer,
} from '@plinth/kit'
import type { Settings } from '../settings.ts'

interface JobsPartDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly tracer: Tracer | null
  /** Whether the clock stands for the time of all processes, as in tests; else that of the database does. */
  readonly clockIsShared: boolean
}

interface JobsPart {
  readonly jobs: Jobs
  readonly schedules: Schedules
}

const chooseJobs = (
  { jobs: { store, ...settings }, database }: Settings,
  deps: JobsPartDeps,
  time: () => Promise<Date>,
) => {
  const { db, clock, metrics, tracer } = deps
  const common = { db, clock, metrics, tracer, log: deps.log.module('jobs'), settings }
  const onServer = db.address !== null
  if (store === 'table' || (store === 'auto' && !onServer)) return createTableJobs({ ...common, time })
  if (!onServer)
    throw new Error(
      'jobs.store is pgboss, which needs a database server: set database.url, or store to table',
    )
  const silentMs = database.statementTimeoutMs + database.pool.acquireTimeoutMs
  return createPgBossJobs({ ...common, silentMs })
}

/** Jobs as the settings want them kept, and the schedules that fire them. */
export const jobsPart = (settings: Settings, deps: JobsPartDeps): JobsPart => {
  const { db, clock } = deps
  const time = deps.clockIsShared ? async () => clock.now() : () => db.dialect.now(db.read)
  const jobs = chooseJobs(settings, deps, time)
  const schedules = createSchedules({ db, jobs, time })
  for (const task of kitPurges({ db, auditDays: settings.retention.auditDays })) schedules.add(task)
  return { jobs, schedules }
}
