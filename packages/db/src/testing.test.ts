import { expect, test } from 'vitest'
import { createDb } from './database.ts'
import { type CounterTables, counterMigrations } from './testing/counters.ts'
import { testDatabase, testDatabaseUrl } from './testing.ts'

test('each test database starts migrated and empty, whatever others hold', async () => {
  const open = () => testDatabase<CounterTables>(counterMigrations)
  await using first = await open()
  await first.transaction((trx) => trx.insertInto('counters').values({ id: 'a', count: 1 }).execute())
  await using second = await open()
  expect(await second.read.selectFrom('counters').selectAll().execute()).toEqual([])
})

test('many test databases can be made at once', async () => {
  const urls = await Promise.all(Array.from({ length: 6 }, () => testDatabaseUrl(counterMigrations)))
  expect(new Set(urls.map(({ url }) => url)).size).toBe(6)
  await Promise.all(urls.map(({ dispose }) => dispose()))
})

test('a test database can be opened a second time by its address, and is gone when it is disposed of', async () => {
  const { url, dispose } = await testDatabaseUrl(counterMigrations)
  const db = await createDb<CounterTables>({ url })
  expect(await db.read.selectFrom('counters').selectAll().execute()).toEqual([])
  await db.close()
  await dispose()
  const again = createDb<CounterTables>({ url }).then(async (empty) => {
    try {
      return await empty.read.selectFrom('counters').selectAll().execute()
    } finally {
      await empty.close()
    }
  })
  await expect(again).rejects.toThrow(/counters|does not exist/)
  await dispose()
})
