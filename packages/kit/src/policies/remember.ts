import type { Metrics } from '../metrics.ts'
import type { Cache, Clock } from '../ports.ts'
import { createFill } from './fill.ts'

/** A result that may be used again: its name, what it depends on, for how long, and the tags whose drop ends that sooner. */
export interface Remembered {
  readonly name: string
  /** What the result is of, where there are several by that name; plain JSON. */
  readonly of?: unknown
  readonly seconds: number
  readonly tags: readonly string[]
}

interface RememberDeps {
  readonly cache: Cache
  readonly clock: Clock
  readonly metrics: Metrics
  readonly settings: { readonly cacheOn: boolean }
}

/** Gives a result again, or computes it; `signal` tells that whoever asks has gone. */
export type Remember = <R>(what: Remembered, signal: AbortSignal, compute: () => Promise<R>) => Promise<R>

/**
 * Makes the cache below the handlers, for database results that cost much and are the same for everybody. Results are
 * kept as JSON, in the same store and by the same rules as answers; who waits for the same result waits for one
 * computation.
 */
export const createRemember = ({ cache, clock, metrics, settings }: RememberDeps): Remember => {
  const fill = createFill({ cache, clock })
  return async <R>(what: Remembered, signal: AbortSignal, compute: () => Promise<R>): Promise<R> => {
    if (!settings.cacheOn) return compute()
    const { name, of = null, ...rule } = what
    const count = (result: string) => metrics.results.labels(name, result).inc()
    const key = `result|${name}|${JSON.stringify(of)}`
    const kept = await cache.get(key, clock.now().getTime(), rule.tags)
    count(kept ? 'hit' : 'miss')
    const make = async () => {
      count('computed')
      return { json: JSON.stringify(await compute()) }
    }
    const { json } = kept ?? (await fill({ key, rule, signal, make }))
    return JSON.parse(json) as R
  }
}
