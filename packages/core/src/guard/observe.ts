import type { CountryLookup, Principal, Visit } from '@plinth/kit'
import { newId } from '@plinth/kit'
import { networkKey, plainAddress } from './addresses.ts'
import { type ClientKind, confidenceOf } from './bots.ts'
import type { Caught } from './caught.ts'
import { fingerprintOf } from './fingerprint.ts'
import { maskBody } from './mask.ts'
import type { GuardSettings, Offence } from './settings.ts'
import { signsOf } from './signs.ts'
import type { RequestsTable } from './tables.ts'

/** A request that was answered, as it waits to be written: nothing of it is worked out yet. */
export interface Observation {
  readonly at: number
  readonly ms: number
  readonly status: number
  readonly requestId: string
  readonly method: string
  readonly url: string
  readonly path: string
  readonly procedure: string | undefined
  readonly address: string
  readonly received: number
  readonly sent: number
  readonly rawHeaders: readonly string[]
  readonly principal: Visit['principal']
  readonly body: string | undefined
}

/** A row of the log, and what it means for whoever sent the request. */
export interface Judged {
  readonly row: RequestsTable
  readonly network: string
  readonly offences: readonly Offence[]
}

interface ObserveDeps {
  readonly settings: GuardSettings
  readonly countries: CountryLookup
  /** What a client looks like, with what its crawler's name was found to be worth. */
  readonly clientOf: (header: (name: string) => string | undefined, address: string) => ClientKind
  readonly caught: Caught
}

/** Reads headers by name from names and values in turn. */
const headersOf =
  (rawHeaders: readonly string[]) =>
  (name: string): string | undefined => {
    for (let at = 0; at < rawHeaders.length; at += 2)
      if (rawHeaders[at]?.toLowerCase() === name) return rawHeaders[at + 1]
    return undefined
  }

// What other sites make a browser ask for is no deed of whoever sits in front of it.
const isMadeElsewhere = (header: (name: string) => string | undefined): boolean =>
  header('sec-fetch-site') === 'cross-site'

const CUT = { path: 300, route: 300, userAgent: 300, requestId: 128, address: 64, method: 20 } as const
const storable = (text: string, length: number): string =>
  text.replaceAll('\0', '').slice(0, length).toWellFormed()

const userOf = async (principal: Observation['principal']): Promise<string | null> => {
  try {
    const found: Principal | undefined = await principal
    return found?.actor?.userId ?? null
  } catch {
    // The request that asked was told so; the log has its status.
    return null
  }
}

const bodyOf = ({ body }: Observation, { requests }: GuardSettings): string | null => {
  if (body === undefined || body === '' || requests.bodyBytes === 0) return null
  const more = new Set(requests.maskedFields.map((name) => name.toLowerCase().replaceAll(/[^a-z]/g, '')))
  return storable(maskBody(body, requests.bodyBytes, more), requests.bodyBytes * 2)
}

/** Prepares what is worked out about a request once it is answered. */
export const prepareObserve = ({ settings, countries, clientOf, caught }: ObserveDeps) => {
  const isTrap = (path: string): boolean => path === settings.trap
  const offencesOf = (client: ClientKind, signs: readonly string[]): Offence[] => {
    const offences: Offence[] = []
    if (signs.includes('trap')) offences.push('trap')
    if (signs.some((sign) => sign !== 'trap')) offences.push('attack')
    if (client === 'scanner') offences.push('scanner')
    if (client === 'false-crawler') offences.push('falseCrawler')
    return offences
  }
  return async (seen: Observation): Promise<Judged> => {
    const header = headersOf(seen.rawHeaders)
    const address = plainAddress(seen.address)
    const client = clientOf(header, address)
    const signs = [...(isTrap(seen.path) ? ['trap'] : []), ...signsOf(seen.url)]
    const fingerprint = fingerprintOf(seen.rawHeaders, address)
    const offences = isMadeElsewhere(header) ? [] : offencesOf(client, signs)
    const wasCaught = caught.has(fingerprint)
    if (offences.includes('trap') || offences.includes('scanner')) caught.add(fingerprint)
    const place = await countries.find(address)
    const row: RequestsTable = {
      id: newId('req', new Date(seen.at)),
      at: new Date(seen.at).toISOString(),
      request_id: storable(seen.requestId, CUT.requestId),
      method: storable(seen.method, CUT.method),
      route: storable(seen.procedure ?? seen.path, CUT.route),
      path: storable(seen.path, CUT.path),
      address: storable(address, CUT.address),
      country: place.country,
      region: place.region,
      status: seen.status,
      duration_ms: Math.round(seen.ms * 10) / 10,
      received: seen.received,
      sent: seen.sent,
      user_id: await userOf(seen.principal),
      user_agent: storable(header('user-agent') ?? '', CUT.userAgent) || null,
      fingerprint,
      client,
      bot_confidence: wasCaught ? 'high' : confidenceOf(client),
      signs: wasCaught ? [...signs, 'caught-before'] : signs,
      body: bodyOf(seen, settings),
    }
    return { row, network: networkKey(address), offences }
  }
}
