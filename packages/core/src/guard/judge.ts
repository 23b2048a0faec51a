import { type Clock, common, type Exchange, type Failure, type Metrics } from '@plinth/kit'
import { networkKey, plainAddress } from './addresses.ts'
import { faded, scoreOf } from './ladder.ts'
import type { GuardSettings } from './settings.ts'
import type { GuardState } from './state.ts'

interface JudgeDeps {
  readonly settings: GuardSettings
  readonly clock: Clock
  readonly metrics: Metrics
}

interface Known {
  readonly state: GuardState
  readonly threatsOf: (address: string) => readonly string[]
}

// Those who run the server must be able to ask whether it is there, whoever is banned.
const ALWAYS_OPEN = /^\/(?:health|ready)\/?(?:[?#]|$)/

/** The path that a request will be routed by, however it is written: dots resolved, escapes undone, no host. */
const routedPath = (url: string): string => {
  const path = URL.parse(url.startsWith('/') ? `http://own.invalid${url}` : url)?.pathname ?? url
  try {
    return decodeURIComponent(path)
  } catch {
    // A lone percent sign stands for itself, as where it is routed.
    return path
  }
}

const banned = (end: number, now: number): Failure =>
  end === Infinity
    ? common('ADDRESS_BLOCKED')
    : common('ADDRESS_BANNED', { headers: { 'retry-after': String(Math.ceil((end - now) / 1000)) } })

/** Who is refused for what they are called or where they come from; nothing here waits for anything. */
export const createJudge = ({ settings, clock, metrics }: JudgeDeps, { state, threatsOf }: Known) => {
  const refused = (why: string, failure: Failure): Failure => {
    metrics.guard.labels(why).inc()
    return failure
  }
  const heldBan = (address: string, now: number): Failure | undefined => {
    if (state.bans.size === 0) return undefined
    const network = networkKey(address)
    const end = state.bans.get(network)
    if (end === undefined) return undefined
    if (end > now) return refused('refused-banned', banned(end, now))
    state.bans.delete(network)
    return undefined
  }
  const isLowered = (address: string, now: number): boolean => {
    const known = state.reputations.get(networkKey(address))
    const own = known ? faded(known.points, now - known.at, settings.lowered.halfLifeMs) : 0
    const listed = threatsOf(address).length > 0 ? settings.threats.points : 0
    return own + listed > 0 && scoreOf(own + listed, settings.bans.threshold) < settings.lowered.below
  }
  return {
    /** A request as a whole, by its path. */
    request(url: string, from: string): Failure | undefined {
      const { rules, bans, threats } = state
      if (rules.size === 0 && bans.size === 0 && threats.size === 0) return undefined
      const open = ALWAYS_OPEN.test(url)
      const [address, now] = [plainAddress(from), clock.now().getTime()]
      if (rules.size > 0 && rules.refusesPath(address, routedPath(url), open, now))
        return refused('refused-listed', common('ADDRESS_BLOCKED'))
      if (open) return undefined
      if (settings.threats.refuse && threatsOf(address).length > 0)
        return refused('refused-threat', common('ADDRESS_BLOCKED'))
      return heldBan(address, now)
    },
    /** One call; sets a smaller share of the limits for those whose reputation is bad. */
    call(exchange: Exchange, procedure: string): void {
      const { rules, bans, threats, reputations } = state
      if (rules.size === 0 && bans.size === 0 && threats.size === 0 && reputations.size === 0) return
      const [address, now] = [plainAddress(exchange.address), clock.now().getTime()]
      if (rules.refusesCall(address, procedure, now))
        throw refused('refused-listed', common('ADDRESS_BLOCKED'))
      const ban = heldBan(address, now)
      if (ban) throw ban
      if (isLowered(address, now)) exchange.limitShare = settings.lowered.share
    },
  }
}

const MOST_LOOKED_UP = 10_000

/** Lists that name an address, remembered, for to look through ranges takes microseconds. */
export const createThreatsOf = (state: Known['state']): Known['threatsOf'] => {
  let of = state.threats
  const found = new Map<string, readonly string[]>()
  return (from) => {
    if (state.threats.size === 0) return []
    if (of !== state.threats || found.size >= MOST_LOOKED_UP) found.clear()
    of = state.threats
    const address = plainAddress(from)
    const lists = found.get(address) ?? [...new Set(state.threats.find(address))]
    found.set(address, lists)
    return lists
  }
}
