const FIRST_MS = 1000
const MOST_MS = 3_600_000

/**
 * Milliseconds until the next attempt after `attempt` failed ones: doubling from a second to an hour, of which
 * the later half is left to chance (0 up to 1), so that jobs that failed together do not come back together.
 */
export const backoffMs = (attempt: number, chance = Math.random()): number => {
  const full = Math.min(MOST_MS, FIRST_MS * 2 ** (attempt - 1))
  return Math.round(full * (0.5 + chance / 2))
}
