import { createHash } from 'node:crypto'
import { isUnavailable } from '@plinth/db'
import type { Limiter, LimitRule, LimitState } from '@plinth/kit'
import { type RedisLink, redisScript } from '../redis/link.ts'
import { TAKE_PLACE, takePlace } from './sliding-window.ts'
import { TAKE_TOKEN, takeToken } from './token-bucket.ts'

interface RedisLimiterDeps {
  readonly redis: RedisLink
  /** Counts while Redis is away, so that limits hold for each process at least. */
  readonly insurance: Limiter
}

const TAKE_TOKEN_SCRIPT = redisScript(TAKE_TOKEN)
const TAKE_PLACE_SCRIPT = redisScript(TAKE_PLACE)

const slotsOf = (flat: unknown): Map<number, number> => {
  const texts = Array.isArray(flat) ? flat.map(String) : []
  const pairs = Array.from({ length: texts.length / 2 }, (_, at): [number, number] => [
    Number(texts[2 * at]),
    Number(texts[2 * at + 1]),
  ])
  return new Map(pairs)
}

/**
 * Limits that hold for all processes together. The clocks of their machines should agree to a fraction of a second, as
 * with NTP they do: moments are compared across them.
 */
export const createRedisLimiter = ({ redis, insurance }: RedisLimiterDeps): Limiter => {
  // Keys hold what people typed, such as an address of mail.
  const nameOf = (kind: string, key: string) =>
    redis.key(kind, createHash('sha256').update(key).digest('base64url'))

  const ask = async (key: string, rule: LimitRule, now: number): Promise<LimitState> => {
    const { perMinute, burst, strategy } = rule
    if (strategy === 'sliding-window') {
      const kept = await redis.script(TAKE_PLACE_SCRIPT, [nameOf('window', key)], [now, perMinute])
      return takePlace(slotsOf(kept), rule, now).state
    }
    const kept = await redis.script(TAKE_TOKEN_SCRIPT, [nameOf('bucket', key)], [now, perMinute, burst])
    return takeToken(kept === null ? undefined : Number(kept), rule, now).state
  }

  return {
    take(key, rule, now) {
      if (!redis.isUp()) return insurance.take(key, rule, now)
      return ask(key, rule, now).catch((error: unknown) => {
        if (isUnavailable(error)) return insurance.take(key, rule, now)
        throw error
      })
    },
  }
}
