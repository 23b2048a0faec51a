import { expect, test } from 'vitest'
import { compiled } from './compiled.ts'
import { type CounterTables, counterMigrations } from './testing/counters.ts'
import { testDatabase } from './testing.ts'

let builds = 0
const between = compiled<CounterTables, { least: number; most: number; limit: number }>()((db, p) => {
  builds += 1
  return db
    .selectFrom('counters')
    .select(['id', 'count'])
    .where('count', '>=', p('least'))
    .where('count', '<=', p('most'))
    .where('id', '!=', 'hidden')
    .orderBy('count')
    .limit(p('limit'))
})

const filled = async () => {
  const db = await testDatabase<CounterTables>(counterMigrations)
  const values = [1, 2, 3, 4, 5].map((count) => ({ id: `c${count}`, count }))
  await db.transaction((trx) =>
    trx
      .insertInto('counters')
      .values([...values, { id: 'hidden', count: 3 }])
      .execute(),
  )
  return db
}

test('a compiled query is built once and binds its parameters on every call', async () => {
  await using db = await filled()
  builds = 0
  for (const [least, most] of [
    [1, 2],
    [2, 4],
    [6, 9],
  ] as const) {
    const rows = await between(db.read, { least, most, limit: 10 })
    expect(rows.map(({ count }) => count)).toEqual([1, 2, 3, 4, 5].filter((n) => n >= least && n <= most))
  }
  expect(builds).toBeLessThanOrEqual(1)
})

test('a compiled query answers its first row, or nothing', async () => {
  await using db = await filled()
  expect(await between.first(db.read, { least: 2, most: 9, limit: 1 })).toEqual({ id: 'c2', count: 2 })
  expect(await between.first(db.read, { least: 8, most: 9, limit: 1 })).toBeUndefined()
})

test('a compiled query sees what its transaction has written', async () => {
  await using db = await filled()
  await db.transaction(async (trx) => {
    await trx.insertInto('counters').values({ id: 'mine', count: 7 }).execute()
    expect(await between(trx, { least: 7, most: 7, limit: 9 })).toEqual([{ id: 'mine', count: 7 }])
    expect(await between(db.read, { least: 7, most: 7, limit: 9 })).toEqual([])
  })
})

test('a compiled query serves another database of the same engine without being built again', async () => {
  await using first = await filled()
  await between(first.read, { least: 1, most: 1, limit: 1 })
  builds = 0
  await using second = await filled()
  expect(await between(second.read, { least: 1, most: 1, limit: 1 })).toHaveLength(1)
  expect(builds).toBe(0)
})
