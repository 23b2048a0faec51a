import type { LimitRule, LimitState } from '@plinth/kit'

/** How many requests were admitted in each slot, by the slot's number. */
export type Slots = ReadonlyMap<number, number>

const WINDOW_MS = 60_000
const SLOT_MS = 6000

/** When what was admitted in a slot is over: a minute after the slot's last moment. */
const overAt = (slot: number): number => (slot + 1) * SLOT_MS + WINDOW_MS

// A slot that is not yet there was counted before the clock was set back; clocks of two machines may be one slot apart.
const counts = (slot: number, now: number): boolean =>
  overAt(slot) > now && slot <= Math.floor(now / SLOT_MS) + 1

/** How long until enough of what was admitted is over for one more. */
const waitFor = (
  slots: readonly (readonly [number, number])[],
  used: number,
  limit: number,
  now: number,
): number => {
  let left = used
  for (const [slot, count] of slots) {
    left -= count
    if (left < limit) return overAt(slot) - now
  }
  return 0
}

/**
 * Never more than `perMinute` within any 60 seconds: admitted requests are counted by slots of six seconds, and a slot
 * counts until all of it is a minute ago. What is refused counts for nothing. Answers the slots to keep, too.
 */
export const takePlace = (
  kept: Slots,
  { perMinute }: LimitRule,
  now: number,
): { slots: Slots; state: LimitState } => {
  const living = [...kept].filter(([slot]) => counts(slot, now)).sort(([a], [b]) => a - b)
  const used = living.reduce((sum, [, count]) => sum + count, 0)
  const allowed = used < perMinute
  const slots = new Map(living)
  const current = Math.floor(now / SLOT_MS)
  if (allowed) slots.set(current, (slots.get(current) ?? 0) + 1)
  const newest = Math.max(...slots.keys())
  return {
    slots,
    state: {
      allowed,
      limit: perMinute,
      remaining: Math.max(0, perMinute - used - 1),
      resetMs: overAt(newest) - now,
      retryAfterMs: allowed ? 0 : waitFor(living, used, perMinute, now),
    },
  }
}

/** The same as one step in Redis: counts in the current slot, and answers the slots as they were before. */
export const TAKE_PLACE = `
  local now, limit, used, over = tonumber(ARGV[1]), tonumber(ARGV[2]), 0, {}
  local kept = redis.call('HGETALL', KEYS[1])
  for i = 1, #kept, 2 do
    local slot = tonumber(kept[i])
    if (slot + 1) * ${SLOT_MS} + ${WINDOW_MS} > now and slot <= math.floor(now / ${SLOT_MS}) + 1 then
      used = used + tonumber(kept[i + 1])
    else
      over[#over + 1] = kept[i]
    end
  end
  if #over > 0 then redis.call('HDEL', KEYS[1], unpack(over)) end
  if used < limit then
    redis.call('HINCRBY', KEYS[1], string.format('%d', math.floor(now / ${SLOT_MS})), 1)
    redis.call('PEXPIRE', KEYS[1], ${WINDOW_MS + SLOT_MS})
  end
  return kept`
