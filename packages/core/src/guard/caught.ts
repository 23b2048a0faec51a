const HOUR_MS = 3_600_000
const MOST = 10_000

/** Fingerprints of clients that walked into the trap or named themselves scanners, remembered by this process. */
export interface Caught {
  readonly size: number
  add(fingerprint: string): void
  has(fingerprint: string): boolean
}

/**
 * Remembers who was caught for an hour: a client that comes back from another address of its network keeps its fingerprint.
 * There are at most so many; the oldest go first.
 */
export const createCaught = (now: () => number): Caught => {
  const until = new Map<string, number>()
  return {
    get size() {
      return until.size
    },
    add(fingerprint) {
      until.delete(fingerprint)
      const [oldest] = until.keys()
      if (until.size >= MOST && oldest !== undefined) until.delete(oldest)
      until.set(fingerprint, now() + HOUR_MS)
    },
    has(fingerprint) {
      const end = until.get(fingerprint)
      if (end === undefined) return false
      if (end > now()) return true
      until.delete(fingerprint)
      return false
    },
  }
}
