import type { Database } from '@plinth/db'
import type { Metrics } from './metrics.ts'
import type { CallGuard } from './ports/guard.ts'
import type { Tracer } from './ports/tracing.ts'
import type { Authenticator, Cache, Clock, Jobs, Limiter, LimitRule } from './ports.ts'
import type { Replica } from './replica.ts'
import type { KitTables } from './tables.ts'

/** Everything that the kit is given from outside. */
export interface KitDeps {
  readonly db: Database<KitTables>
  /** Left out: all reads go to `db`. */
  readonly replica?: Replica | null
  readonly clock: Clock
  readonly cache: Cache
  readonly limiter: Limiter
  readonly jobs: Jobs
  readonly authenticator: Authenticator
  readonly metrics: Metrics
  /** Null where nothing is traced. */
  readonly tracer: Tracer | null
  /** Left out: nobody is judged by address. */
  readonly guard?: CallGuard | null
  /** Told after a commit that left events or jobs to be done. */
  wake(): void
  readonly settings: KitSettings
}

/** The settings that the kit reads. */
export interface KitSettings {
  /** Limits by group; `default` is for procedures that name none, or a group that is not here. */
  readonly limits: Readonly<Record<string, LimitRule>> & { readonly default: LimitRule }
  /** Whether answers are kept and given again. */
  readonly cacheOn: boolean
  /** How long a keyed answer is kept, in milliseconds. */
  readonly idempotencyMs: number
  /** Answers slower than this are logged and counted, in milliseconds. */
  readonly slowAnswerMs: number
  /** How long a proof of who somebody is counts as fresh, in milliseconds. */
  readonly freshMs: number
  /** Origins whose pages may write with cookies. */
  readonly origins: readonly string[]
  /** Whether cookies are sent over https only. */
  readonly secureCookies: boolean
  /** The most calls that one batch may hold. */
  readonly maxBatch: number
  /** Signs download addresses; at least 32 characters. */
  readonly secret: string
}
