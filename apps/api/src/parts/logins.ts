import { createRedisLogins, type RedisLink } from '@plinth/adapters'
import { createTableLogins, KEEP_EXPIRED_MS } from '@plinth/core'
import type { Database } from '@plinth/db'
import type { KitTables, LoginStore } from '@plinth/kit'
import type { Settings } from '../settings.ts'

interface LoginParts {
  readonly redis: RedisLink | null
  readonly db: Database<KitTables>
}

/** Where logins and their tokens are kept. */
export const openLogins = ({ sessions }: Settings, { redis, db }: LoginParts): LoginStore =>
  redis && sessions.store === 'redis'
    ? createRedisLogins({ redis, keepMs: KEEP_EXPIRED_MS })
    : createTableLogins(db)
