const FIRST_MS = 1000
/** The longest pause where a kind of job names none. */
export const MOST_PAUSE_MS = 3_600_000

/**
 * Milliseconds until the next attempt after `attempt` failed ones: doubling from a second to the longest pause, of
 * which the later half is left to chance (0 up to 1), so that jobs that failed together do not come back together.
 */
export const backoffMs = (attempt: number, mostMs = MOST_PAUSE_MS, chance = Math.random()): number => {
  const full = Math.min(mostMs, FIRST_MS * 2 ** (attempt - 1))
  return Math.round(full * (0.5 + chance / 2))
}
