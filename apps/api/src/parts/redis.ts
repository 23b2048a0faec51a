import { createRedisLink, type RedisLink } from '@plinth/adapters'
import { type Log, type Metrics, watchState } from '@plinth/kit'
import type { Settings } from '../settings.ts'

interface RedisDeps {
  readonly log: Log
  readonly metrics: Metrics
}

/** A link that shows in the metrics under a name; it is made without waiting for the connection. */
const openLink = async (
  { redis: { url: _, ...rest } }: Settings,
  { url, name, whose }: { readonly url: string; readonly name: string; readonly whose: string },
  { log, metrics }: RedisDeps,
): Promise<RedisLink> => {
  const redis = await createRedisLink({ url, ...rest }, log.module('redis'))
  watchState(metrics, {
    name,
    help: `${whose}: up (1 or 0), failures (commands without an answer in a row), losses (connections lost since the start)`,
    read: async () => ({ ...redis.stats() }),
  })
  return redis
}

/** The link to Redis, where an address is set. */
export const openRedis = async (settings: Settings, deps: RedisDeps): Promise<RedisLink | null> => {
  const { url } = settings.redis
  return url === undefined
    ? null
    : openLink(settings, { url, name: 'plinth_redis_state', whose: 'Redis' }, deps)
}

/** The link to the Redis that keeps logins alone, where they are kept in one of their own. */
export const openLoginsRedis = async (settings: Settings, deps: RedisDeps): Promise<RedisLink | null> => {
  const { store, redisUrl: url } = settings.sessions
  return store === 'database' || url === undefined
    ? null
    : openLink(settings, { url, name: 'plinth_logins_redis_state', whose: 'The Redis of logins' }, deps)
}
