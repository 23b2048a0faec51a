import { readFileSync } from 'node:fs'
import type { Place } from './suspicion.ts'

const placeFrom = (text: string): Place => {
  const [latitude, longitude] = text.split(',').map(Number)
  return [latitude ?? 0, longitude ?? 0]
}

const read = (): ReadonlyMap<string, readonly Place[]> =>
  new Map(
    readFileSync(new URL('./places.txt', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [country = '', ...places] = line.split(' ')
        return [country, places.map(placeFrom)] as const
      }),
  )

let known: ReadonlyMap<string, readonly Place[]> | undefined

/** Places all over a country; none where it is not known. Read when they are first asked for. */
export const placesOf = (country: string): readonly Place[] => {
  known ??= read()
  return known.get(country) ?? []
}
