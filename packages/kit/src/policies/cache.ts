import { crc32 } from 'node:zlib'
import type { Procedure } from '@plinth/contract'
import type { Exchange } from '../exchange.ts'
import type { Metrics } from '../metrics.ts'
import type { Actor, Cache, CacheEntry, Clock } from '../ports.ts'

interface CacheDeps {
  readonly cache: Cache
  readonly clock: Clock
  readonly metrics: Metrics
}

/**
 * The weak entity tag of an encoded answer (RFC 9110, section 8.8.3): its length and CRC-32. It costs a fifth of a
 * cryptographic hash, and CRC-32 never misses a change of up to four bytes in a row, such as a count or a price.
 */
export const etagOf = (json: string): string => `W/"${json.length.toString(36)}-${crc32(json).toString(36)}"`

/**
 * Prepares the reuse of a procedure's answers: found by procedure, user (where the answer is the user's) and input,
 * shown in the header X-Cache. Null where the contract names no cache.
 */
export const prepareCache = (name: string, procedure: Procedure, { cache, clock, metrics }: CacheDeps) => {
  const rule = procedure.cache
  if (!rule) return null
  const perUser = (rule.per ?? (procedure.access === 'public' ? 'all' : 'user')) === 'user'
  const hit = metrics.cache.labels(name, 'hit')
  const miss = metrics.cache.labels(name, 'miss')
  return async (
    exchange: Exchange,
    actor: Actor | null,
    input: unknown,
    compute: () => Promise<string>,
  ): Promise<CacheEntry> => {
    const key = `${name}|${perUser ? (actor?.userId ?? '') : '*'}|${JSON.stringify(input)}`
    const kept = await cache.get(key, clock.now().getTime())
    exchange.answerHeaders['x-cache'] = kept ? 'hit' : 'miss'
    if (kept) {
      hit.inc()
      return kept
    }
    miss.inc()
    const mark = await cache.mark(rule.tags)
    const json = await compute()
    const entry = { json, etag: etagOf(json) }
    const expiresAt = clock.now().getTime() + rule.seconds * 1000
    await cache.set(key, entry, { tags: rule.tags, expiresAt, mark })
    return entry
  }
}
