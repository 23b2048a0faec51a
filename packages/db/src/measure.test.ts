import { expect, test } from 'vitest'
import { measure } from './measure.ts'
import { type CounterTables, counterMigrations } from './testing/counters.ts'
import { testDatabase } from './testing.ts'

test('the size of a database grows with what it holds, and its connections are bounded', async () => {
  await using db = await testDatabase<CounterTables>(counterMigrations)
  const before = await measure(db)
  const rows = Array.from({ length: 5000 }, (_, count) => ({
    id: `counter-${count}-${'x'.repeat(100)}`,
    count,
  }))
  await db.transaction(async (trx) => {
    for (let start = 0; start < rows.length; start += 500)
      await trx
        .insertInto('counters')
        .values(rows.slice(start, start + 500))
        .execute()
  })
  const after = await measure(db)
  expect(before.bytes).toBeGreaterThan(0)
  expect(after.bytes - before.bytes).toBeGreaterThan(500_000)
  expect(after.connections.open).toBeGreaterThan(0)
  expect(after.connections.open).toBeLessThanOrEqual(after.connections.max)
  expect(after.lockWaits).toBe(0)
})

test('a transaction that waits for a lock is counted', async () => {
  await using db = await testDatabase<CounterTables>(counterMigrations)
  await db.transaction((trx) => trx.insertInto('counters').values({ id: 'a', count: 0 }).execute())
  const raise = () => db.transaction((trx) => trx.updateTable('counters').set({ count: 1 }).execute())
  let waiting: Promise<unknown> | undefined
  await db.transaction(async (trx) => {
    await trx.updateTable('counters').set({ count: 2 }).execute()
    waiting = raise()
    while ((await measure(db)).lockWaits === 0) await new Promise(setImmediate)
  })
  await waiting
  expect((await measure(db)).lockWaits).toBe(0)
})
