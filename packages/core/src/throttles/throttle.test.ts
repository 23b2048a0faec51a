import { testDatabase } from '@plinth/db/testing'
import { kitMigrations } from '@plinth/kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { coreMigrations } from '../../migrations/index.ts'
import type { CoreDb } from '../db.ts'
import { createThrottle } from './throttle.ts'

const START = Date.parse('2026-11-21T09:30:00.000Z')
const at = (ms: number) => new Date(START + ms)
const throttle = createThrottle('test', { failures: 3, windowMs: 1000, lockMs: 500 })

let db: Awaited<ReturnType<typeof testDatabase<CoreDb>>>
beforeAll(async () => {
  db = await testDatabase<CoreDb>({ ...kitMigrations, ...coreMigrations })
})
afterAll(() => db[Symbol.asyncDispose]())

const fail = (subject: string, ms: number) => db.transaction((trx) => throttle.failed(trx, subject, at(ms)))
const locked = (subject: string, ms: number) => throttle.lockedMs(db.read, subject, at(ms))

test('a subject is locked by its last failure, the lock clears by itself, and counting begins anew', async () => {
  for (const ms of [0, 10]) await fail('ada', ms)
  expect(await locked('ada', 10)).toBe(0)
  await fail('ada', 20)
  expect(await locked('ada', 20)).toBe(500)
  expect(await locked('ada', 519)).toBe(1)
  expect(await locked('ada', 520)).toBe(0)
  expect(await locked('bob', 20)).toBe(0)
  await fail('ada', 530)
  expect(await locked('ada', 530)).toBe(0)
})

test('failures that lie further apart than the window lock nothing', async () => {
  for (const ms of [0, 600, 1200, 1800, 2400]) await fail('slow', ms)
  expect(await locked('slow', 2400)).toBe(0)
})

test('a failure while it is locked makes the lock longer, and a success forgets all', async () => {
  for (const ms of [0, 1, 2, 300]) await fail('eve', ms)
  expect(await locked('eve', 300)).toBe(500)
  await db.transaction((trx) => throttle.clear(trx, 'eve'))
  expect(await locked('eve', 300)).toBe(0)
})

test('of many failures at the same time each is counted', async () => {
  const many = createThrottle('many', { failures: 30, windowMs: 1000, lockMs: 500 })
  const failing = (ms: number) => db.transaction((trx) => many.failed(trx, 'race', at(ms)))
  await Promise.all(Array.from({ length: 29 }, () => failing(0)))
  expect(await many.lockedMs(db.read, 'race', at(0))).toBe(0)
  await failing(0)
  expect(await many.lockedMs(db.read, 'race', at(0))).toBe(500)
})

test('throttles of different names do not count together, and what is counted is not kept in clear', async () => {
  const other = createThrottle('other', { failures: 1, windowMs: 1000, lockMs: 500 })
  await db.transaction((trx) => other.failed(trx, 'carol@example.com', at(0)))
  expect(await locked('carol@example.com', 0)).toBe(0)
  const keys = await db.read.selectFrom('throttles').select('key').execute()
  expect(JSON.stringify(keys)).not.toContain('carol')
})
