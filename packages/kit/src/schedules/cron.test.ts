import { expect, test } from 'vitest'
import { timetableOf } from './cron.ts'

const table = (cron: string, timeZone?: string) =>
  timetableOf({ name: 'a', description: '', cron, ...(timeZone !== undefined && { timeZone }) })

const at = (text: string) => new Date(text)

test('a due moment itself counts as due, and is not the next one', () => {
  const hourly = table('0 * * * *')
  expect(hourly.last(at('2026-11-21T10:00:00.000Z'))).toEqual(at('2026-11-21T10:00:00.000Z'))
  expect(hourly.last(at('2026-11-21T10:59:59.999Z'))).toEqual(at('2026-11-21T10:00:00.000Z'))
  expect(hourly.next(at('2026-11-21T10:00:00.000Z'))).toEqual(at('2026-11-21T11:00:00.000Z'))
})

test('fields are meant in UTC unless a zone is named, whose clock changes they follow', () => {
  expect(table('30 3 * * *').next(at('2026-03-28T12:00:00.000Z'))).toEqual(at('2026-03-29T03:30:00.000Z'))
  const berlin = table('30 3 * * *', 'Europe/Berlin')
  expect(berlin.next(at('2026-03-27T12:00:00.000Z'))).toEqual(at('2026-03-28T02:30:00.000Z'))
  expect(berlin.next(at('2026-03-28T12:00:00.000Z'))).toEqual(at('2026-03-29T01:30:00.000Z'))
})

test('an hour that a zone lives twice is due once, and one that it leaves out still once', () => {
  const berlin = table('30 2 * * *', 'Europe/Berlin')
  const first = berlin.next(at('2026-10-24T12:00:00.000Z'))
  expect(first?.getTime()).toBeLessThan(at('2026-10-25T02:00:00.000Z').getTime())
  expect(berlin.next(first ?? at(''))).toEqual(at('2026-10-26T01:30:00.000Z'))
  const left = berlin.next(at('2026-03-28T12:00:00.000Z'))
  expect(left?.toISOString().slice(0, 10)).toBe('2026-03-29')
})

test('a month without the day is left out, and a day that never comes has no next moment', () => {
  expect(table('0 0 31 * *').next(at('2026-11-01T00:00:00.000Z'))).toEqual(at('2026-12-31T00:00:00.000Z'))
  expect(table('0 0 30 2 *').next(at('2026-11-01T00:00:00.000Z'))).toBeNull()
})

test.each([
  ['* * * * * *', undefined],
  ['61 * * * *', undefined],
  ['x', undefined],
  ['0 0 * * *', 'Mars/Olympus'],
])('%s in %s is refused with the name of the schedule', (cron, zone) => {
  expect(() => table(cron, zone)).toThrow("the schedule 'a' can not be read")
})
