import { createMemoryLocks, createRedisLocks } from '@plinth/adapters'
import type { Database } from '@plinth/db'
import type { Bus, Cache, Clock, KitTables, Limiter, Locks, Log, LoginStore, Metrics } from '@plinth/kit'
import type { HealthCheck } from '../routes/health.ts'
import type { Settings } from '../settings.ts'
import { openBus } from './bus.ts'
import { openCache } from './cache.ts'
import { openLimiter } from './limiter.ts'
import { openLogins } from './logins.ts'
import { openLoginsRedis, openRedis } from './redis.ts'

interface SharedDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** What several processes have in common where there is a Redis, and each for itself where there is none. */
export interface Shared {
  readonly bus: Bus
  readonly cache: Cache
  readonly limiter: Limiter
  readonly locks: Locks
  readonly logins: LoginStore
  readonly checks: readonly HealthCheck[]
  close(): Promise<void>
}

/** Opens the stores that processes share; none of them is waited for. */
export const openShared = async (
  settings: Settings,
  { db, clock, log, metrics }: SharedDeps,
): Promise<Shared> => {
  const redis = await openRedis(settings, { log, metrics })
  const ofLogins = await openLoginsRedis(settings, { log, metrics })
  const { bus, checks, close } = openBus(settings, { redis, db, log })
  return {
    bus,
    cache: openCache(settings, { redis, clock }),
    limiter: openLimiter(settings, redis),
    logins: openLogins(settings, { redis: ofLogins ?? redis, db }),
    locks: redis ? createRedisLocks(redis) : createMemoryLocks(),
    checks: [
      ...checks,
      ...(redis ? [{ name: 'redis', essential: false, check: redis.check }] : []),
      ...(ofLogins ? [{ name: 'logins', essential: false, check: ofLogins.check }] : []),
    ],
    async close() {
      await close()
      await redis?.close()
      await ofLogins?.close()
    },
  }
}
