import type { Limiter, LimitRule, LimitState } from '@plinth/kit'

interface MemoryLimiterSettings {
  readonly maxKeys: number
}

// Moments are sums of fractions of milliseconds: a microsecond is far below what matters, and above their error.
const TOLERANCE_MS = 0.001

/**
 * Limits in this process by the generic cell rate algorithm (ITU-T I.371, virtual scheduling): per key one
 * moment, at which all that was admitted would be worked off at the rate of the rule. At once `burst` requests
 * more than the one are admitted, over time `perMinute` a minute; what is refused counts for nothing.
 * Beyond `maxKeys` keys the one that asked longest ago is forgotten.
 */
export const createMemoryLimiter = ({ maxKeys }: MemoryLimiterSettings) => {
  const settledAt = new Map<string, number>()

  const keep = (key: string, moment: number): void => {
    // Written anew, so that the map stays in the order of asking.
    settledAt.delete(key)
    settledAt.set(key, moment)
    if (settledAt.size <= maxKeys) return
    const oldest = settledAt.keys().next().value
    if (oldest !== undefined) settledAt.delete(oldest)
  }

  return {
    take(key: string, { perMinute, burst }: LimitRule, now: number): LimitState {
      const interval = 60_000 / perMinute
      const limit = burst + 1
      const before = Math.max(settledAt.get(key) ?? now, now)
      const waitMs = before + interval - now - limit * interval
      const allowed = waitMs <= TOLERANCE_MS
      const after = allowed ? before + interval : before
      keep(key, after)
      return {
        allowed,
        limit,
        remaining: Math.max(0, Math.floor(limit - (after - now - TOLERANCE_MS) / interval)),
        resetMs: after - now,
        retryAfterMs: allowed ? 0 : waitMs,
      }
    },
  } satisfies Limiter
}
