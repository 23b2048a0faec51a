const MOST_HOSTS = 10_000
const LONGEST_SECONDS = 60

interface Host {
  working: number
  /** Did not answer when it was last asked: one attempt at a time shall find out whether it does again. */
  isSlow: boolean
  turnedAway: number
}

/** How the places of one process are shared out among receivers, so that a slow one holds up itself alone. */
export interface Hosts {
  /** Takes a place; else the milliseconds to come back after. */
  take(host: string): number | null
  free(host: string, answered: boolean): void
}

/** Makes the places; who is turned away is told to come back the later, the more wait. */
export const createHosts = (perHost: number): Hosts => {
  const hosts = new Map<string, Host>()
  return {
    take(name) {
      const host = hosts.get(name) ?? { working: 0, isSlow: false, turnedAway: 0 }
      if (host.working < (host.isSlow ? 1 : perHost)) {
        host.working += 1
        hosts.set(name, host)
        return null
      }
      host.turnedAway += 1
      return 1000 * Math.min(LONGEST_SECONDS, 1 + host.turnedAway / perHost)
    },
    free(name, answered) {
      const host = hosts.get(name)
      if (!host) return
      host.working -= 1
      host.isSlow = !answered
      host.turnedAway = Math.max(0, host.turnedAway - 1)
      if (host.working > 0) return
      if ((answered && host.turnedAway === 0) || hosts.size > MOST_HOSTS) hosts.delete(name)
    },
  }
}
