import { createDb, type Database } from '@plinth/db'
import type { KitTables, Log, Metrics, Tracer } from '@plinth/kit'
import type { Settings } from '../settings.ts'
import { traceStatements } from './tracing.ts'

/** Opens the database; its statements show in the metrics and in traces, and those that are slow in the log. */
export const openDatabase = async (
  settings: Settings,
  log: Log,
  metrics: Metrics,
  tracer: Tracer | null,
): Promise<Database<KitTables>> => {
  const logger = log.module('db')
  const seconds = { read: metrics.queries.series('read'), write: metrics.queries.series('write') }
  let engine = ''
  const trace = tracer && traceStatements(tracer, () => engine)
  const db = await createDb<KitTables>(settings.database, {
    onQuery(event) {
      const { sql, durationMs, rows, role } = event
      trace?.(event)
      seconds[role].observe(durationMs / 1000)
      if (settings.log.queries) logger.info({ sql, ms: durationMs, rows, role }, 'statement')
    },
    onSlowQuery({ sql, durationMs, rows, role }) {
      metrics.slowQueries.labels(role).inc()
      logger.warn({ sql, ms: Math.round(durationMs), rows, role }, 'slow statement')
    },
  })
  engine = db.engine
  return db
}
