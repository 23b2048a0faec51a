import { type Clock, common, type Metrics, type NameLookup, type Objection, type Visit } from '@plinth/kit'
import { type ClientKind, confidenceOf, createBotRules } from './bots.ts'
import { createCaught } from './caught.ts'
import { createCrawlers } from './crawlers.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { GuardSettings } from './settings.ts'

interface BotDeps {
  readonly settings: GuardSettings
  readonly clock: Clock
  readonly metrics: Metrics
  readonly names: NameLookup
  readonly secure: boolean
}

// Whoever watches the server is a program.
/** Whether a request is made by those who watch the server. */
export const isWatched = (url: string): boolean => /^\/(?:health|ready|metrics)\/?(?:[?#]|$)/.test(url)

/** What clients look like, and what is done about bots as they come. */
export const createBots = (deps: BotDeps) => {
  const { settings, clock, names, metrics } = deps
  const { low, medium, high, slowMs, mostSlow, verifyCrawlers, exempt } = settings.bots
  const judge = createBotRules({ secure: deps.secure })
  const crawlers = createCrawlers(names, () => clock.now().getTime())
  const caught = createCaught(() => clock.now().getTime())
  const isActive = [low, medium, high].some((action) => action !== 'flag')
  let slow = 0

  const clientOf = (header: (name: string) => string | undefined, address: string): ClientKind => {
    const kind = judge(header)
    if (kind !== 'crawler' || !verifyCrawlers) return kind
    const verdict = crawlers.verdict(header('user-agent') ?? '', address)
    if (verdict === 'verified') return 'verified-crawler'
    return verdict === 'false' ? 'false-crawler' : kind
  }
  // Of a crawler that is still being looked up nothing bad is known.
  const isSpared = (kind: ClientKind, userAgent: string, address: string): boolean =>
    kind === 'verified-crawler' ||
    exempt.some((part) => userAgent.includes(part)) ||
    (kind === 'crawler' && verifyCrawlers && crawlers.verdict(userAgent, address) === 'unknown')

  const later = (): Objection => {
    if (slow >= mostSlow)
      return { failure: common('TOO_MANY_REQUESTS', { headers: { 'retry-after': '10' } }) }
    slow++
    setTimeout(() => {
      slow--
    }, slowMs).unref()
    return { delayMs: slowMs }
  }
  const wasCaught = ({ rawHeaders, address }: Visit): boolean =>
    caught.size > 0 && caught.has(fingerprintOf(rawHeaders, address))
  return {
    clientOf,
    caught,
    objection(visit: Visit): Objection | undefined {
      if (!isActive || isWatched(visit.url)) return undefined
      const header = (name: string) => visit.header(name)
      const kind = clientOf(header, visit.address)
      const confidence = wasCaught(visit) ? 'high' : confidenceOf(kind)
      const action = confidence === 'none' ? 'flag' : settings.bots[confidence]
      if (action === 'flag' || isSpared(kind, header('user-agent') ?? '', visit.address)) return undefined
      metrics.guard.labels(action === 'slow' ? 'slowed-bot' : 'refused-bot').inc()
      return action === 'slow' ? later() : { failure: common('BOT_REFUSED') }
    },
  }
}
