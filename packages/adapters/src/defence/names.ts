import { Resolver } from 'node:dns/promises'
import type { NameLookup } from '@plinth/kit'

const TIMEOUT_MS = 2000

const orNone = (error: unknown): string[] => {
  if (error instanceof Error && 'code' in error && error.code === 'ENODATA') return []
  throw error
}

/**
 * Asks the name servers of the system, and not its hosts file.
 * @param servers name servers to ask instead, as `127.0.0.1:5353`.
 */
export const createNameLookup = (servers?: readonly string[]): NameLookup => {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 })
  if (servers) resolver.setServers(servers)
  return {
    reverse: (address) => resolver.reverse(address),
    // A name may have addresses of one kind alone.
    addresses: async (name) =>
      (
        await Promise.all([resolver.resolve4(name).catch(orNone), resolver.resolve6(name).catch(orNone)])
      ).flat(),
  }
}
