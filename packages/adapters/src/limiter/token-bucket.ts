import type { LimitRule, LimitState } from '@plinth/kit'

// Moments are sums of fractions of milliseconds: a microsecond is far below what matters, and above their error.
const TOLERANCE_MS = 0.001

/**
 * A token bucket by the generic cell rate algorithm (ITU-T I.371, virtual scheduling): per key one moment, at which all
 * that was admitted would be worked off at the rate of the rule. At once `burst` requests more than the one are
 * admitted, over time `perMinute` a minute; what is refused counts for nothing. Answers the moment to keep, too.
 */
export const takeToken = (
  settledAt: number | undefined,
  { perMinute, burst }: LimitRule,
  now: number,
): { settledAt: number; state: LimitState } => {
  const interval = 60_000 / perMinute
  const limit = burst + 1
  const kept = settledAt ?? now
  // A moment that no admitted request can lead to was kept before the clock was set back: it says nothing now.
  const before = kept - now > limit * interval + TOLERANCE_MS ? now : Math.max(kept, now)
  const waitMs = before + interval - now - limit * interval
  const allowed = waitMs <= TOLERANCE_MS
  const after = allowed ? before + interval : before
  const free = Math.floor(limit - (after - now - TOLERANCE_MS) / interval)
  const remaining = Math.min(limit, Math.max(0, free))
  const state = { allowed, limit, remaining, resetMs: after - now, retryAfterMs: allowed ? 0 : waitMs }
  return { settledAt: after, state }
}

// The clocks of processes differ and busy ones send late: a moment that is forgotten too soon would be granted twice.
const GRACE_MS = 5000

/** The same as one step in Redis: keeps the moment, and answers the one that was kept before. */
export const TAKE_TOKEN = `
  local kept = redis.call('GET', KEYS[1])
  local now, interval, limit = tonumber(ARGV[1]), 60000 / tonumber(ARGV[2]), tonumber(ARGV[3]) + 1
  local before = math.max(tonumber(kept or ARGV[1]), now)
  if before - now > limit * interval + ${TOLERANCE_MS} then before = now end
  if before + interval - now - limit * interval <= ${TOLERANCE_MS} then
    local after = before + interval
    redis.call('SET', KEYS[1], string.format('%.17g', after), 'PX', math.ceil(after - now) + ${GRACE_MS})
  end
  return kept`
