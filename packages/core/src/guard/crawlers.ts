import type { NameLookup } from '@plinth/kit'
import { plainAddress } from './addresses.ts'
import { crawlerDomains } from './bots.ts'

/** What became of a look-up: it is that crawler, it is not, or nobody knows yet. */
export type CrawlerVerdict = 'verified' | 'false' | 'unknown'

interface Known {
  readonly verdict: CrawlerVerdict
  readonly until: number
}

const HOUR_MS = 3_600_000
const KEPT_MS = { verified: 24 * HOUR_MS, false: 6 * HOUR_MS, unknown: HOUR_MS / 6 } as const
const MOST_KNOWN = 5000
const MOST_AT_ONCE = 8

const isNone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA')

/**
 * Tells crawlers from those who call themselves so: the name of the address must end in a domain of the owner, and that
 * name must lead back to the address, for anybody can give their own address any name. Nobody waits for the look-up:
 * until it is done the verdict is not known.
 */
export const createCrawlers = (names: NameLookup, now: () => number) => {
  const known = new Map<string, Known>()
  const asked = new Set<string>()

  const ask = async (address: string, domains: readonly string[]): Promise<CrawlerVerdict> => {
    try {
      for (const name of (await names.reverse(address)).slice(0, 4)) {
        const plain = name.toLowerCase().replace(/\.$/, '')
        if (!domains.some((domain) => plain.endsWith(`.${domain}`))) continue
        if ((await names.addresses(plain)).includes(address)) return 'verified'
      }
      return 'false'
    } catch (error) {
      // An address without a name is no crawler; a name server that does not answer says nothing.
      return isNone(error) ? 'false' : 'unknown'
    }
  }
  const begin = async (key: string, address: string, domains: readonly string[]): Promise<void> => {
    asked.add(key)
    const verdict = await ask(address, domains)
    asked.delete(key)
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(key, { verdict, until: now() + KEPT_MS[verdict] })
  }

  return {
    /** What is known of a client that says it is a crawler; null where none could be verified by this name. */
    verdict(userAgent: string, from: string): CrawlerVerdict | null {
      const domains = crawlerDomains(userAgent)
      if (!domains) return null
      const address = plainAddress(from)
      const key = `${domains[0]} ${address}`
      const found = known.get(key)
      if (found && found.until > now()) return found.verdict
      if (!asked.has(key) && asked.size < MOST_AT_ONCE) void begin(key, address, domains)
      return 'unknown'
    },
  }
}
