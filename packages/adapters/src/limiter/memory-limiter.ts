import type { Limiter, LimitRule, LimitState } from '@plinth/kit'
import { type Slots, takePlace } from './sliding-window.ts'
import { takeToken } from './token-bucket.ts'

interface MemoryLimiterSettings {
  readonly maxKeys: number
}

/** The last `most` keys that were asked for. */
const createRecent = <V>(most: number) => {
  const kept = new Map<string, V>()
  return {
    get: (key: string): V | undefined => kept.get(key),
    set(key: string, value: V): void {
      // Written anew, so that the map stays in the order of asking; while there is much room, nobody asks for it.
      if (kept.size > most / 2) kept.delete(key)
      kept.set(key, value)
      if (kept.size <= most) return
      const oldest = kept.keys().next().value
      if (oldest !== undefined) kept.delete(oldest)
    },
  }
}

const NO_SLOTS: Slots = new Map()

/** Limits in this process. Beyond `maxKeys` keys of a strategy the one that asked longest ago is forgotten. */
export const createMemoryLimiter = ({ maxKeys }: MemoryLimiterSettings) => {
  const moments = createRecent<number>(maxKeys)
  const windows = createRecent<Slots>(maxKeys)
  return {
    take(key: string, rule: LimitRule, now: number): LimitState {
      if (rule.strategy === 'sliding-window') {
        const { slots, state } = takePlace(windows.get(key) ?? NO_SLOTS, rule, now)
        windows.set(key, slots)
        return state
      }
      const { settledAt, state } = takeToken(moments.get(key), rule, now)
      moments.set(key, settledAt)
      return state
    },
  } satisfies Limiter
}
