import { Resolver } from 'node:dns/promises'
import { isIPv6 } from 'node:net'
import type { NameLookup } from '@plinth/kit'

const TIMEOUT_MS = 2000

const orNone = (error: unknown): string[] => {
  if (error instanceof Error && 'code' in error && error.code === 'ENODATA') return []
  throw error
}

const nibblesOf = (address: string): string[] => {
  const [head = '', tail = ''] = address.split('::')
  const [begin, end] = [head, tail].map((part) => (part === '' ? [] : part.split(':')))
  const between = Array<string>(8 - (begin?.length ?? 0) - (end?.length ?? 0)).fill('0')
  const groups = [...(begin ?? []), ...between, ...(end ?? [])]
  return groups.flatMap((group) => [...group.padStart(4, '0')])
}

/** Where the DNS keeps the name of an address. Node's own `reverse` can't tell a silent server from one that has none. */
const reverseName = (address: string): string =>
  isIPv6(address)
    ? `${nibblesOf(address).toReversed().join('.')}.ip6.arpa`
    : `${address.split('.').toReversed().join('.')}.in-addr.arpa`

/**
 * Asks the name servers of the system, and not its hosts file.
 * @param servers name servers to ask instead, as `127.0.0.1:5353`.
 */
export const createNameLookup = (servers?: readonly string[]): NameLookup => {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 })
  if (servers) resolver.setServers(servers)
  return {
    reverse: (address) => resolver.resolvePtr(reverseName(address)),
    // A name may have addresses of one kind alone.
    addresses: async (name) =>
      (
        await Promise.all([resolver.resolve4(name).catch(orNone), resolver.resolve6(name).catch(orNone)])
      ).flat(),
  }
}
