import type { Row } from '@plinth/db'
import type { DevicesTable } from './tables.ts'

/** What can be odd about a sign-in. */
export type Suspicion = 'new-device' | 'new-country' | 'impossible-travel'

/** Latitude and longitude in degrees. */
export type Place = readonly [latitude: number, longitude: number]

// Airliners fly at some 900 km/h; clocks, transfers and the extent of a country take the rest.
const FASTEST_KM_PER_HOUR = 1000
const EARTH_KM = 6371

const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** The way between two places along a great circle, in km (haversine formula, R. W. Sinnott 1984). */
export const distanceKm = ([lat1, lon1]: Place, [lat2, lon2]: Place): number => {
  const half = (one: number, other: number) => Math.sin(radians(other - one) / 2) ** 2
  const h = half(lat1, lat2) + Math.cos(radians(lat1)) * Math.cos(radians(lat2)) * half(lon1, lon2)
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)))
}

interface SignInSeen {
  /** Whether the device was known before. */
  readonly known: boolean
  readonly country: string | null
  readonly now: Date
  /** Where the user's devices were seen before, newest first. */
  readonly earlier: readonly Pick<Row<DevicesTable>, 'last_country' | 'last_seen_at'>[]
  /** Places all over a country; none where it is not known. */
  readonly placesOf: (country: string) => readonly Place[]
}

// Countries are wide: what counts is where they come nearest to one another.
const shortestKm = (from: readonly Place[], to: readonly Place[]): number =>
  Math.min(...from.flatMap((one) => to.map((other) => distanceKm(one, other))))

const tooFast = ({ country, now, earlier, placesOf }: SignInSeen): boolean => {
  const last = earlier.find(({ last_country: seen }) => seen !== null)
  if (country === null || !last?.last_country || last.last_country === country) return false
  const [from, to] = [placesOf(last.last_country), placesOf(country)]
  if (from.length === 0 || to.length === 0) return false
  const hours = (now.getTime() - Date.parse(last.last_seen_at)) / 3_600_000
  return shortestKm(from, to) > FASTEST_KM_PER_HOUR * hours
}

/** What is odd about a sign-in, next to those before it; nothing is odd about the first. */
export const suspicionsOf = (seen: SignInSeen): readonly Suspicion[] => {
  const { known, country, earlier } = seen
  if (earlier.length === 0) return []
  const countries = new Set(earlier.map(({ last_country: each }) => each).filter((each) => each !== null))
  const odd: Suspicion[] = []
  if (!known) odd.push('new-device')
  if (country !== null && countries.size > 0 && !countries.has(country)) odd.push('new-country')
  if (tooFast(seen)) odd.push('impossible-travel')
  return odd
}
