import { createDb, createReadDb, type Database, type DbHooks, type QueryEvent } from '@plinth/db'
import {
  createReplica,
  type KitTables,
  type Log,
  type Metrics,
  type Outside,
  type Replica,
  type Tracer,
  watchState,
} from '@plinth/kit'
import type { Settings } from '../settings.ts'
import { traceStatements } from './tracing.ts'

type Names = Readonly<Record<QueryEvent['role'], string>>

interface HookDeps {
  readonly log: Log
  readonly metrics: Metrics
  readonly trace: ((event: QueryEvent) => void) | null
}

/** Statements show in traces and, by these names, in the metrics, and those that are slow in the log. */
const hooksFor = (settings: Settings, { log, metrics, trace }: HookDeps, names: Names): DbHooks => {
  const logger = log.module('db')
  const seconds = {
    read: metrics.queries.series(names.read),
    write: metrics.queries.series(names.write),
  }
  return {
    onQuery(event) {
      const { sql, durationMs, rows, role } = event
      trace?.(event)
      seconds[role].observe(durationMs / 1000)
      if (settings.log.queries) logger.info({ sql, ms: durationMs, rows, role: names[role] }, 'statement')
    },
    onSlowQuery({ sql, durationMs, rows, role }) {
      metrics.slowQueries.labels(names[role]).inc()
      logger.warn({ sql, ms: Math.round(durationMs), rows, role: names[role] }, 'slow statement')
    },
  }
}

/** Opens the database. */
export const openDatabase = async (
  settings: Settings,
  log: Log,
  metrics: Metrics,
  tracer: Tracer | null,
): Promise<Database<KitTables>> => {
  let engine = ''
  const trace = tracer && traceStatements(tracer, () => engine)
  const hooks = hooksFor(settings, { log, metrics, trace }, { read: 'read', write: 'write' })
  const db = await createDb<KitTables>(settings.database, hooks)
  engine = db.engine
  return db
}

interface ReplicaDeps {
  readonly db: Database<KitTables>
  readonly outside: Outside
  readonly log: Log
  readonly metrics: Metrics
  readonly tracer: Tracer | null
}

/** A connection to a replica that is there takes less; one that takes longer is not worth the wait. */
const CONNECT_MS = 1000

/** The replica, where one is set. It is not waited for: while it is away the primary answers in its place. */
export const openReplica = async (
  settings: Settings,
  { db, outside, log, metrics, tracer }: ReplicaDeps,
): Promise<{ replica: Replica | null; close(): Promise<void> }> => {
  const { replicaUrl, pool, ...rest } = settings.database
  let stats = (): object => ({})
  watchState(metrics, {
    name: 'plinth_replica_connections',
    help: 'Connections to the replica, by state (open, idle, max, waiting); none where there is no replica',
    read: async () => ({ ...stats() }),
  })
  if (replicaUrl === undefined) return { replica: null, close: async () => undefined }
  const acquireTimeoutMs = Math.min(CONNECT_MS, pool.acquireTimeoutMs)
  const trace = tracer && traceStatements(tracer, () => db.engine)
  const opened = await createReadDb<KitTables>(
    { ...rest, url: replicaUrl, pool: { ...pool, acquireTimeoutMs } },
    hooksFor(settings, { log, metrics, trace }, { read: 'replica', write: 'replica' }),
  )
  stats = opened.stats
  // A statement that is slow is ended by the server itself, and would be as slow on the primary.
  const timeoutMs = settings.database.statementTimeoutMs + 2 * acquireTimeoutMs
  const dependency = outside.dependency('replica', {
    timeoutMs,
    deadlineMs: timeoutMs,
    retries: 0,
    minimumCalls: 3,
    concurrency: pool.readMax,
  })
  const replica = createReplica({ replica: opened.read, primary: db.read, dependency })
  return { replica, close: opened.close }
}
