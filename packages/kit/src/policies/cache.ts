import type { Procedure } from '@plinth/contract'
import { DEGRADED, type Exchange } from '../exchange.ts'
import type { Metrics } from '../metrics.ts'
import type { Actor, Cache, CacheEntry, Clock } from '../ports.ts'
import { createFill } from './fill.ts'

interface CacheDeps {
  readonly cache: Cache
  readonly clock: Clock
  readonly metrics: Metrics
}

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
  const computed = metrics.cache.labels(name, 'computed')
  const fill = createFill({ cache, clock })
  const keyOf = (actor: Actor | null, input: unknown): string =>
    `${name}|${perUser ? (actor?.userId ?? '') : '*'}|${JSON.stringify(input)}`
  const makeWith = (exchange: Exchange, compute: () => Promise<string>) => async () => {
    computed.inc()
    const json = await compute()
    const degraded = exchange.answerHeaders[DEGRADED]
    return degraded === undefined ? { json } : { json, degraded: String(degraded) }
  }
  const answer = async (
    exchange: Exchange,
    actor: Actor | null,
    input: unknown,
    compute: () => Promise<string>,
  ): Promise<CacheEntry> => {
    const key = keyOf(actor, input)
    const found = cache.get(key, clock.now().getTime(), rule.tags)
    // A cache of this process answers at once, and nothing need wait for it.
    const kept = found instanceof Promise ? await found : found
    exchange.answerHeaders['x-cache'] = kept ? 'hit' : 'miss'
    if (kept) {
      hit.inc()
      return kept
    }
    miss.inc()
    const { degraded, ...entry } = await fill({
      key,
      rule,
      signal: exchange.signal,
      make: makeWith(exchange, compute),
    })
    // Also to those who waited for what another call computed.
    if (degraded !== undefined) exchange.answerHeaders[DEGRADED] = degraded
    return entry
  }
  /** Computes an answer for everybody and keeps it, also where one is kept. */
  const refresh = async (exchange: Exchange, input: unknown, compute: () => Promise<string>) => {
    const { signal } = exchange
    await fill({ key: keyOf(null, input), rule, signal, anew: true, make: makeWith(exchange, compute) })
  }
  return { answer, refresh: perUser ? null : refresh }
}
