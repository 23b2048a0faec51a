import type { DbHooks, QueryEvent } from './config.ts'

/** What one shape of statement has cost since the start or the last reset. */
export interface StatementCost {
  sql: string
  calls: number
  errors: number
  rows: number
  totalMs: number
  maxMs: number
}

const LISTS = /\((?:\?|\$\d+)(?:, (?:\?|\$\d+))+\)(?:, \((?:\?|\$\d+)(?:, (?:\?|\$\d+))+\))*/g

/** The text of a statement with lists of placeholders cut short, so that one query is one shape. */
export const shapeOf = (sql: string): string => sql.replace(LISTS, '(…)')

/** A bounded table of statement costs; the cheapest shapes make room for new ones. */
export interface Costs {
  record(shape: string, durationMs: number, rows: number, failed: boolean): void
  slowest(limit: number): StatementCost[]
  reset(): void
}

/** Makes a table of at most `limit` shapes (default 500). */
export const createCosts = (limit = 500): Costs => {
  const table = new Map<string, StatementCost>()
  const ranked = () => [...table.values()].sort((a, b) => b.totalMs - a.totalMs)
  const makeRoom = () => {
    for (const cost of ranked().slice(-Math.ceil(limit / 10))) table.delete(cost.sql)
  }
  return {
    record(shape, durationMs, rows, failed) {
      let cost = table.get(shape)
      if (!cost) {
        if (table.size >= limit) makeRoom()
        cost = { sql: shape, calls: 0, errors: 0, rows: 0, totalMs: 0, maxMs: 0 }
        table.set(shape, cost)
      }
      cost.calls += 1
      cost.rows += rows
      cost.totalMs += durationMs
      if (durationMs > cost.maxMs) cost.maxMs = durationMs
      if (failed) cost.errors += 1
    },
    slowest: (count) =>
      ranked()
        .slice(0, count)
        .map((cost) => ({ ...cost })),
    reset: () => table.clear(),
  }
}

/** Told about each finished statement; `startedAt` is a `performance.now()`. */
export type Observe = (
  role: QueryEvent['role'],
  shape: string,
  startedAt: number,
  rows: number,
  error?: unknown,
) => void

/** Puts statements into the cost table and, where there are hooks, reports them. */
export const createObserver = (costs: Costs, hooks: DbHooks, slowQueryMs: number): Observe => {
  const { onQuery, onSlowQuery } = hooks
  return (role, shape, startedAt, rows, error) => {
    const durationMs = performance.now() - startedAt
    costs.record(shape, durationMs, rows, error !== undefined)
    const slow = onSlowQuery !== undefined && durationMs >= slowQueryMs
    if (!onQuery && !slow) return
    const event: QueryEvent = { sql: shape, durationMs, rows, role }
    if (error !== undefined) event.error = error
    onQuery?.call(hooks, event)
    if (slow) onSlowQuery.call(hooks, event)
  }
}
