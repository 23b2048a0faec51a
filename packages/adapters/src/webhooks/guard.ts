import type { LookupAddress, LookupOptions } from 'node:dns'
import { isIP } from 'node:net'
import { callbackify } from 'node:util'
import { isPublicAddress, isWithin, networksOf } from './addresses.ts'

/** Where webhooks may be sent to. */
export interface WebhookTargets {
  /** Networks that may be called although they are not public, such as `127.0.0.0/8`. */
  readonly allowedNetworks: readonly string[]
  /** Whether http may be used, which it may within the allowed networks alone. */
  readonly http: boolean
  /** Ports below 1024 that may be called; those from there on may be. */
  readonly lowPorts: readonly number[]
}

/** Finds the addresses of a name, as `dns.lookup` does with `all`. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>

type LookupDone = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '')

/** Judges addresses: as they are written, and what their names stand for at the moment of connecting. */
export const createGuard = ({ allowedNetworks, http, lowPorts }: WebhookTargets, resolve: Resolve) => {
  const allowed = networksOf(allowedNetworks)

  const addressFault = (address: string, protocol: string): string | null => {
    if (isWithin(allowed, address)) return null
    if (protocol === 'http:') return 'must be https'
    return isPublicAddress(address) ? null : 'leads to an address that is not public'
  }

  const writtenFault = ({ protocol, username, password, port }: URL): string | null => {
    if (protocol !== 'https:' && !(protocol === 'http:' && http)) return 'must be https'
    if (username !== '' || password !== '') return 'must not hold a user or password'
    const number = Number(port || (protocol === 'https:' ? 443 : 80))
    return number < 1024 && !lowPorts.includes(number) ? `must not name the port ${number}` : null
  }

  return {
    /** Why an address is refused as it is written; null when only its name can tell. */
    refusal(text: string): string | null {
      const url = URL.parse(text)
      if (!url) return 'must be a web address'
      const fault = writtenFault(url)
      if (fault !== null) return fault
      // However it was spelled, the parser has written an IPv4 address as four decimal numbers.
      return isIP(hostOf(url)) ? addressFault(hostOf(url), url.protocol) : null
    },

    /**
     * A `lookup` for the socket of one request. What it answers is what is connected to, so a name that stands for
     * something else a moment later makes no difference; one that stands for any refused address is refused.
     */
    lookup(protocol: string) {
      const find = callbackify(async (hostname: string): Promise<LookupAddress[]> => {
        const found = [...(await resolve(hostname))]
        for (const { address } of found) {
          const fault = addressFault(address, protocol)
          if (fault !== null) throw new Error(`${hostname} ${fault}`)
        }
        if (found.length === 0) throw new Error(`${hostname} has no address`)
        return found
      })
      return (hostname: string, { all }: LookupOptions, done: LookupDone): void =>
        find(hostname, (error, found) => {
          if (error) return done(error, [])
          const [first] = found
          return all || !first ? done(null, found) : done(null, first.address, first.family)
        })
    },
  }
}
