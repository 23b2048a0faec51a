import { describe, expect, test } from 'vitest'
import { resultOf } from './rows.ts'
import { medianRound, quantile, type Round, ratioOf, type Weighed } from './statistics.ts'

const measured = (rps: number, more: Partial<Weighed> = {}): Weighed => {
  return { answers: rps, rps, p50: 1, p95: 1.5, p99: 2, errors: 0, cpuUs: 100, ...more }
}

const round = (plinth: number, floor: number): Round => ({ plinth: measured(plinth), floor: measured(floor) })

describe('quantile', () => {
  test('is a value that was measured, by nearest rank', () => {
    const values = Float64Array.from({ length: 200 }, (_, at) => at + 1)
    expect(quantile(values, 0.5)).toBe(100)
    expect(quantile(values, 0.99)).toBe(198)
    expect(quantile(values, 1)).toBe(200)
    expect(quantile([7], 0.01)).toBe(7)
  })

  test('of nothing is 0', () => {
    expect(quantile([], 0.5)).toBe(0)
  })
})

describe('the median round', () => {
  test('is the one in the middle by ratio, whatever the rates are', () => {
    const slow = round(100, 200)
    expect(medianRound([round(900, 1000), slow, round(100, 1000)])).toBe(slow)
  })

  test('is the lower one of two, so that luck is not reported', () => {
    const lower = round(40, 100)
    expect(medianRound([round(60, 100), lower])).toBe(lower)
  })

  test('does not exist without rounds', () => {
    expect(() => medianRound([])).toThrow('no rounds')
  })
})

test('a floor that answered nothing gives no ratio rather than an infinite one', () => {
  expect(ratioOf(round(10, 0))).toBe(0)
})

test('a row counts the errors of all rounds and takes its figures from one', () => {
  const rounds: Round[] = [
    { plinth: measured(50, { errors: 2 }), floor: measured(100) },
    { plinth: measured(10, { errors: 1 }), floor: measured(100) },
    { plinth: measured(60.4, { cpuUs: 250 }), floor: measured(80.2) },
  ]
  const { row } = resultOf({ database: 'sqlite', wire: 'rest', work: 'list' }, rounds, 99)
  expect(row).toEqual({
    database: 'sqlite',
    wire: 'rest',
    work: 'list',
    rps: 50,
    floorRps: 100,
    ratio: 0.5,
    p50: 1,
    p95: 1.5,
    p99: 2,
    answers: 120.4,
    errors: 3,
    memoryMb: 99,
  })
})
