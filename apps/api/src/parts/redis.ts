import { createRedisLink, type RedisLink } from '@plinth/adapters'
import { type Log, type Metrics, watchState } from '@plinth/kit'
import type { Settings } from '../settings.ts'

/** The link to Redis, where an address is set; it is made without waiting for the connection. */
export const openRedis = async (
  { redis: { url, ...rest } }: Settings,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): Promise<RedisLink | null> => {
  if (url === undefined) return null
  const redis = await createRedisLink({ url, ...rest }, log.module('redis'))
  watchState(metrics, {
    name: 'plinth_redis_state',
    help: 'Redis: up (1 or 0), failures (commands without an answer in a row), losses (connections lost since the start)',
    read: async () => ({ ...redis.stats() }),
  })
  return redis
}
