import {
  createDatabaseBus,
  createMemoryBus,
  createRedisBus,
  type RedisLink,
  type SharedBus,
} from '@plinth/adapters'
import type { Database } from '@plinth/db'
import type { Bus, Log } from '@plinth/kit'
import type { HealthCheck } from '../routes/health.ts'
import type { Settings } from '../settings.ts'

interface BusParts {
  readonly redis: RedisLink | null
  readonly db: Pick<Database, 'notices'>
  readonly log: Log
}

/** A bus with what a server asks of it beside messages. */
export interface OpenBus {
  readonly bus: Bus
  readonly checks: readonly HealthCheck[]
  close(): Promise<void>
}

const openShared = ({ bus: { store } }: Settings, { redis, db, log: all }: BusParts): SharedBus | null => {
  const log = all.module('bus')
  if (store === 'memory') return null
  if (redis && (store === 'auto' || store === 'redis')) return createRedisBus({ redis, log })
  return db.notices ? createDatabaseBus({ notices: db.notices, log }) : null
}

/** How processes tell each other. */
export const openBus = (settings: Settings, parts: BusParts): OpenBus => {
  const shared = openShared(settings, parts)
  if (!shared)
    return { bus: createMemoryBus({ log: parts.log.module('bus') }), checks: [], close: async () => {} }
  return {
    bus: shared,
    checks: [{ name: 'bus', essential: false, check: shared.check }],
    close: shared.close,
  }
}
