import { expect, test } from 'vitest'
import { placesOf } from './places.ts'
import { distanceKm, suspicionsOf } from './suspicion.ts'
import { deviceOf } from './user-agent.ts'

const now = new Date('2026-11-21T12:00:00.000Z')
const places: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  DE: [[51.2, 10.4]],
  FR: [[46.2, 2.2]],
  AU: [[-25.3, 133.8]],
}
const seen = (hoursAgo: number, country: string | null) => ({
  last_country: country,
  last_seen_at: new Date(now.getTime() - hoursAgo * 3_600_000).toISOString(),
})
const ask = (known: boolean, country: string | null, earlier: ReturnType<typeof seen>[]) =>
  suspicionsOf({ known, country, now, earlier, placesOf: (name) => places[name] ?? [] })

test('places of a country lie in it, and far ones of a wide country are not far from their neighbours', () => {
  for (const place of placesOf('DE')) expect(distanceKm(place, [51, 10])).toBeLessThan(600)
  expect(placesOf('RU').length).toBeGreaterThan(10)
  expect(placesOf('XX')).toEqual([])
  const ask = (from: string) =>
    suspicionsOf({ known: true, country: 'JP', now, earlier: [seen(3, from), seen(9, 'JP')], placesOf })
  expect(ask('RU')).toEqual([])
  expect(ask('BR')).toEqual(['impossible-travel'])
})

test('the way along a great circle', () => {
  const quarter = (Math.PI / 2) * 6371
  expect(distanceKm([0, 0], [90, 0])).toBeCloseTo(quarter, 6)
  expect(distanceKm([0, 10], [0, 100])).toBeCloseTo(quarter, 6)
  expect(distanceKm([45, -90], [45, 90])).toBeCloseTo(quarter, 6)
  expect(distanceKm([-30, 20], [30, -160])).toBeCloseTo(2 * quarter, 6)
  expect(distanceKm([10, 20], [10, 20])).toBe(0)
})

test.each([
  ['the first sign-in', false, 'DE', [], []],
  ['a known device at home', true, 'DE', [seen(1, 'DE')], []],
  ['a new device at home', false, 'DE', [seen(1, 'DE')], ['new-device']],
  ['a known device abroad after a day', true, 'FR', [seen(24, 'DE')], ['new-country']],
  [
    'a known device on the other side too soon',
    true,
    'AU',
    [seen(2, 'DE')],
    ['new-country', 'impossible-travel'],
  ],
  [
    'back too soon in a country that is known',
    true,
    'DE',
    [seen(1, 'AU'), seen(9, 'DE')],
    ['impossible-travel'],
  ],
  ['a country that is not known', true, null, [seen(1, 'DE')], []],
  ['where no country was known before', true, 'DE', [seen(1, null)], []],
])('%s', (_name, known, country, earlier, expected) => {
  expect(ask(known, country, earlier)).toEqual(expected)
})

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'Firefox on Windows',
    'Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    'Safari on iPhone',
    'iPhone',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
    'Edge on Windows',
    'Windows',
  ],
  [
    'Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
    'Chrome on Android',
    'Android',
  ],
  ['curl/8.5.0', 'curl', null],
  ['<script>', 'Unknown client', null],
  [null, 'Unknown client', null],
])('%s is known as %s', (userAgent, name, platform) => {
  expect(deviceOf(userAgent)).toEqual({ name, platform })
})
