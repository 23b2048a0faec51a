import type { Locks } from '@plinth/kit'
import { type RedisLink, redisScript } from '../redis/link.ts'
import { createLocks } from './locks.ts'

// Fences go on from the clock of Redis, so that they rise also where it has lost all that it held.
const ACQUIRE = redisScript(`
  if redis.call('EXISTS', KEYS[1]) == 1 then return false end
  local time = redis.call('TIME')
  local last = tonumber(redis.call('GET', KEYS[2]) or '0')
  local fence = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
  redis.call('SET', KEYS[2], fence, 'PX', 86400000)
  redis.call('SET', KEYS[1], fence, 'PX', ARGV[1])
  return fence`)

const EXTEND = redisScript(`
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)

const RELEASE = redisScript(`
  if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
  return 0`)

/**
 * Locks among all processes that share one Redis. While it is away nobody gets a lock: the call rejects. One Redis is
 * one point of truth; where it may be replaced by another, what is written should look at the fence.
 */
export const createRedisLocks = (redis: RedisLink): Locks => {
  const nameOf = (key: string) => redis.key('lock', key)
  return createLocks({
    async acquire(key, ttlMs) {
      const fence = await redis.script(ACQUIRE, [nameOf(key), redis.key('fence')], [ttlMs])
      return fence === null ? null : Number(fence)
    },
    extend: async (key, fence, ttlMs) => (await redis.script(EXTEND, [nameOf(key)], [fence, ttlMs])) === 1,
    async release(key, fence) {
      await redis.script(RELEASE, [nameOf(key)], [fence])
    },
  })
}
