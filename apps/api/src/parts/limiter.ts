import { createMemoryLimiter, createRedisLimiter, type RedisLink } from '@plinth/adapters'
import type { Limiter } from '@plinth/kit'
import type { Settings } from '../settings.ts'

const MAX_KEYS = 100_000

/** Where requests are counted. */
export const openLimiter = ({ limiter }: Settings, redis: RedisLink | null): Limiter => {
  const memory = createMemoryLimiter({ maxKeys: MAX_KEYS })
  return redis && limiter.store !== 'memory' ? createRedisLimiter({ redis, insurance: memory }) : memory
}
