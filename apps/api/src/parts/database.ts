import { createDb, type Database } from '@plinth/db'
import type { KitTables, Log, Metrics } from '@plinth/kit'
import type { Settings } from '../settings.ts'

/** Opens the database; its statements show in the metrics, and those that are slow in the log. */
export const openDatabase = (
  settings: Settings,
  log: Log,
  metrics: Metrics,
): Promise<Database<KitTables>> => {
  const logger = log.module('db')
  const seconds = { read: metrics.queries.series('read'), write: metrics.queries.series('write') }
  return createDb<KitTables>(settings.database, {
    onQuery({ sql, durationMs, rows, role }) {
      seconds[role].observe(durationMs / 1000)
      if (settings.log.queries) logger.info({ sql, ms: durationMs, rows, role }, 'statement')
    },
    onSlowQuery({ sql, durationMs, rows, role }) {
      metrics.slowQueries.labels(role).inc()
      logger.warn({ sql, ms: Math.round(durationMs), rows, role }, 'slow statement')
    },
  })
}
