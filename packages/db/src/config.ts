import { DbConfigError } from './errors.ts'

/** Where the database is and how it is used. Times are milliseconds. */
export interface DbConfig {
  /** `sqlite:PATH`, `file:PATH`, `postgres://…` or `postgresql://…`. */
  url: string
  pool?: {
    /** Connections kept open per pool, opened at start (default 1). */
    min?: number
    /** Most connections that write (default 10); on SQLite there is always exactly one. */
    max?: number
    /** Most connections that read (default the same as `max`). */
    readMax?: number
    /** How long to wait for a connection before `PoolTimeoutError` (default 5,000). */
    acquireTimeoutMs?: number
    /** How long a connection above `min` may idle (default 30,000). */
    idleTimeoutMs?: number
  }
  /**
   * The longest a statement may run (default 30,000); SQLite runs statements to their end. A server that is silent for
   * this and `acquireTimeoutMs`, while it owes an answer, is taken for lost.
   */
  statementTimeoutMs?: number
  /** Statements that take at least this long are reported as slow (default 200). */
  slowQueryMs?: number
  /** SQLite only: `full` (the default) survives a power cut, `normal` may lose the last commits. */
  synchronous?: 'full' | 'normal'
}

/** One finished statement. `sql` has placeholders and never values. */
export interface QueryEvent {
  sql: string
  durationMs: number
  rows: number
  error?: unknown
  role: 'read' | 'write'
}

/** Called synchronously after each statement, or each slow one: keep them short. */
export interface DbHooks {
  onQuery?(event: QueryEvent): void
  onSlowQuery?(event: QueryEvent): void
}

/** A checked configuration with every default filled in. */
export interface Settings {
  readonly engine: 'sqlite' | 'postgres'
  /** The file's path for SQLite, the whole address for Postgres. */
  readonly location: string
  readonly min: number
  readonly max: number
  readonly readMax: number
  readonly acquireTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly statementTimeoutMs: number
  readonly slowQueryMs: number
  readonly synchronous: 'full' | 'normal'
}

const DAY_MS = 86_400_000

const integer = (key: string, value: unknown, fallback: number, least: number, most: number): number => {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw new DbConfigError(key, `must be an integer from ${least} to ${most}, not ${JSON.stringify(value)}`)
  return value
}

const locate = (url: unknown): Pick<Settings, 'engine' | 'location'> => {
  if (typeof url !== 'string' || url === '') throw new DbConfigError('url', 'is missing')
  if (/^postgres(ql)?:\/\//.test(url)) {
    if (!URL.canParse(url)) throw new DbConfigError('url', 'is not a valid Postgres address')
    return { engine: 'postgres', location: url }
  }
  const path = /^(?:sqlite|file):(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1]
  if (path === undefined)
    throw new DbConfigError('url', "must start with 'sqlite:', 'file:', 'postgres://' or 'postgresql://'")
  if (path.startsWith(':memory:'))
    throw new DbConfigError('url', 'must name a file: reads and writes use two connections')
  return { engine: 'sqlite', location: path }
}

/** The file that an address names; null where a server keeps the data. */
export const fileOf = (url: string): string | null => {
  const { engine, location } = locate(url)
  return engine === 'sqlite' ? location : null
}

/** Checks a configuration and fills in the defaults; throws `DbConfigError` for the first bad key. */
export const settingsOf = (config: DbConfig): Settings => {
  const pool = config.pool ?? {}
  const max = integer('pool.max', pool.max, 10, 1, 1000)
  const readMax = integer('pool.readMax', pool.readMax, max, 1, 1000)
  const min = integer('pool.min', pool.min, 1, 0, 1000)
  if (min > max) throw new DbConfigError('pool.min', `must not be above pool.max (${min} > ${max})`)
  const synchronous = config.synchronous ?? 'full'
  if (synchronous !== 'full' && synchronous !== 'normal')
    throw new DbConfigError('synchronous', "must be 'full' or 'normal'")
  return {
    ...locate(config.url),
    min,
    max,
    readMax,
    acquireTimeoutMs: integer('pool.acquireTimeoutMs', pool.acquireTimeoutMs, 5_000, 1, DAY_MS),
    idleTimeoutMs: integer('pool.idleTimeoutMs', pool.idleTimeoutMs, 30_000, 1, DAY_MS),
    statementTimeoutMs: integer('statementTimeoutMs', config.statementTimeoutMs, 30_000, 1, DAY_MS),
    slowQueryMs: integer('slowQueryMs', config.slowQueryMs, 200, 0, DAY_MS),
    synchronous,
  }
}
