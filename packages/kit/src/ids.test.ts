import { id } from '@plinth/contract'
import { expect, test } from 'vitest'
import { idOf, newId, uuidOf } from './ids.ts'

test('an id is of the shape that the contract takes, and never made twice', () => {
  const now = new Date()
  const ids = Array.from({ length: 3000 }, () => newId('prd', now))
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every((value) => id('prd').safeParse(value).success)).toBe(true)
})

test('ids sort by the moment they were made at, and within a millisecond by their order', () => {
  const early = Array.from({ length: 1000 }, () => newId('evt', new Date(1_700_000_000_000)))
  const late = newId('evt', new Date(1_700_000_000_001))
  expect(early.toSorted()).toEqual(early)
  expect(early.every((value) => value < late)).toBe(true)
})

test('the UUID inside is of version 7 and variant 10, and holds its millisecond', () => {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
  const value = newId('prd', new Date(1_700_000_000_123))
    .slice(4)
    .split('')
    .reduce((sum, letter) => (sum << 5n) | BigInt(alphabet.indexOf(letter)), 0n)
  expect(value >> 80n).toBe(1_700_000_000_123n)
  expect((value >> 76n) & 0xfn).toBe(7n)
  expect((value >> 62n) & 0b11n).toBe(0b10n)
})

test('an id and the UUID inside it lead to each other', () => {
  const made = newId('job', new Date(1_700_000_000_123))
  const uuid = uuidOf(made)
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(idOf('job', uuid)).toBe(made)
  expect(uuidOf(`job_${'0'.repeat(25)}1`)).toBe('00000000-0000-0000-0000-000000000001')
})
