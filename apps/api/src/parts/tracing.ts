import { createOtlpTracer } from '@plinth/adapters'
import type { DbHooks, QueryEvent } from '@plinth/db'
import type { Log, Metrics, Tracer } from '@plinth/kit'
import { Counter } from 'prom-client'
import type { Settings } from '../settings.ts'

/** The tracer that the settings ask for; null where nothing is traced, and then no library is loaded. */
export const openTracing = async (
  { tracing: { url, queue: most, ...rest } }: Settings,
  { log, metrics: { registry } }: { readonly log: Log; readonly metrics: Metrics },
): Promise<Tracer | null> => {
  if (url === undefined) return null
  const spans = new Counter({
    name: 'plinth_spans_total',
    help: 'Spans of traces by what became of them: sent, failed (the collector did not take them), dropped (no room)',
    labelNames: ['result'],
    registers: [registry],
  })
  const tracer = await createOtlpTracer(
    { url, most, ...rest },
    { count: (result, count) => spans.labels(result).inc(count) },
  )
  log.traceBy(() => tracer.current()?.traceId)
  return tracer
}

const TABLE = /\b(?:from|into|update|join)\s+"?(?:\w+"?\.)?"?(\w+)/i

/** What a statement is called: what it does, and to which table first. */
const nameOf = (sql: string): string => {
  const verb = /^\W*(\w+)/.exec(sql)?.[1] ?? 'statement'
  const table = TABLE.exec(sql)?.[1]
  return table === undefined ? verb : `${verb} ${table}`
}

/** Makes a span of each statement that somebody in a trace waits for: its text without values. */
export const traceStatements =
  (tracer: Tracer, engine: () => string): NonNullable<DbHooks['onQuery']> =>
  ({ sql, durationMs, rows, role, error }: QueryEvent) => {
    tracer.ended({
      name: nameOf(sql),
      kind: 'client',
      durationMs,
      error,
      attributes: {
        'db.system.name': engine(),
        'db.query.text': sql,
        'db.response.returned_rows': rows,
        'plinth.handle': role,
      },
    })
  }
