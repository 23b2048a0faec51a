import { createDb, type Database, type DbConfig } from '@plinth/db'
import type { TestUrl } from '@plinth/db/testing'
import { createLog, createMetrics, type Jobs, type KitTables, type NewJob } from '@plinth/kit'
import type { JobsDeps, JobsSettings } from '../create-jobs.ts'

/** What the suite is given of one adapter. */
export interface Adapter {
  /** Name by which `test/job-worker.ts` knows it. */
  readonly store: 'table' | 'pgboss'
  database(): Promise<TestUrl>
  /** A worker, as another process would have it; `aheadMs` is how far time has been moved on. */
  create(db: Database<KitTables>, deps: JobsDeps, aheadMs: () => number): Jobs
  /** Tells the store itself that time has been moved on, where it reads its own clock. */
  moveTo?(db: Database<KitTables>, aheadMs: number): Promise<void>
}

interface WorkerOptions extends JobsSettings {
  /** How far the clock of this worker is off. */
  readonly skewMs?: number
}

/** One adapter on a database of its own, with workers and a time that can be moved on. */
export const setUp = async (adapter: Adapter, config: Omit<DbConfig, 'url'> = {}) => {
  const { url, dispose } = await adapter.database()
  const db = await createDb<KitTables>({ synchronous: 'normal', ...config, url })
  const metrics = createMetrics()
  const made: Jobs[] = []
  let aheadMs = 0
  const now = async () => new Date((await db.dialect.now(db.read)).getTime() + aheadMs)
  const worker = ({ skewMs = 0, ...settings }: WorkerOptions = {}): Jobs => {
    const clock = { now: () => new Date(Date.now() + skewMs) }
    const log = createLog({ level: 'silent', modules: {} }).module('jobs')
    const deps = { clock, log, metrics, settings: { pollMs: 20, ...settings } }
    const jobs = adapter.create(db, deps, () => aheadMs)
    made.push(jobs)
    return jobs
  }
  // Looks on and adds, but never runs a job.
  const desk = worker()
  await desk.counts()
  const pass = async (ms: number) => {
    aheadMs += ms
    await adapter.moveTo?.(db, aheadMs)
  }
  const runDue = async (jobs: Jobs) => jobs.runDue(await now())
  return {
    url,
    db,
    metrics,
    desk,
    worker,
    pass,
    runDue,
    now,
    add: async (...jobs: NewJob[]) => {
      const moment = await now()
      await db.transaction((trx) => desk.enqueue(trx, jobs, moment))
    },
    redrive: async (id: string) => {
      const moment = await now()
      return db.transaction((trx) => desk.redrive(trx, id, moment))
    },
    list: (filter: Partial<Parameters<Jobs['list']>[1]> = {}) =>
      desk.list(db.read, { limit: 100, ...filter }),
    /** Lets minutes pass until a worker has run something, for what has to be taken back first. */
    async runLater(jobs: Jobs): Promise<number> {
      for (let minutes = 0; minutes < 10; minutes += 1) {
        await pass(60_000)
        const ran = await runDue(jobs)
        if (ran > 0) return ran
      }
      return 0
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(made.map((jobs) => jobs.stop()))
      await db.close()
      await dispose()
    },
  }
}

/** A job of the one name that most cases need. */
export const mail = (more: Partial<NewJob> = {}): NewJob => ({ name: 'mail', payload: null, ...more })

/** A promise that a test resolves when it wants to. */
export const gate = () => Promise.withResolvers<void>()

/** A handler that always fails. */
export const fails = () => Promise.reject(new Error('no server'))

/** Guarantees by name, and what shows that an adapter holds them. */
export type Cases = Readonly<Record<string, (adapter: Adapter) => Promise<void>>>
