import { eventually, testDatabase } from '@plinth/db/testing'
import { createLog } from '@plinth/kit'
import { expect, test } from 'vitest'
import { adapterMigrations } from '../migrations.ts'
import type { AdapterTables } from '../tables.ts'
import { createTableJobs } from './table-jobs.ts'

const HOUR_MS = 3_600_000

const setUp = async ({ pollMs = 3_600_000, concurrency = 2 } = {}) => {
  const db = await testDatabase<AdapterTables>(adapterMigrations)
  let moment = Date.UTC(2026, 10, 21, 10)
  const clock = { now: () => new Date(moment) }
  const log = createLog({ level: 'silent', modules: {} }).module('jobs')
  const jobs = createTableJobs({
    db: db.as(),
    clock,
    time: async () => clock.now(),
    log,
    settings: { pollMs, concurrency },
  })
  return {
    jobs,
    advance: (ms: number) => {
      moment += ms
    },
    add: (count: number) =>
      db.transaction((trx) =>
        jobs.enqueue(
          trx,
          Array.from({ length: count }, (_, payload) => ({ name: 'mail', payload })),
          clock.now(),
        ),
      ),
    counts: (expected: Record<string, number>) =>
      eventually(async () => expect(await jobs.counts()).toEqual(expected)),
    async [Symbol.asyncDispose]() {
      await jobs.stop()
      await db[Symbol.asyncDispose]()
    },
  }
}

test('nothing runs before the start; then all that waits, and what is added when poked', async () => {
  await using app = await setUp()
  app.jobs.handle('mail', async () => undefined)
  await app.add(5)
  app.jobs.poke()
  expect(await app.jobs.counts()).toEqual({ ready: 5 })
  app.jobs.start()
  await app.counts({ done: 5 })
  await app.add(1)
  app.jobs.poke()
  await app.counts({ done: 6 })
})

test('what comes due is found without a poke', async () => {
  await using app = await setUp({ pollMs: 5 })
  app.jobs.handle('mail', async () => undefined)
  app.jobs.start()
  await app.add(1)
  await app.counts({ done: 1 })
})

test('no more run at a time than allowed', async () => {
  await using app = await setUp({ concurrency: 3 })
  let running = 0
  let most = 0
  app.jobs.handle('mail', async () => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setImmediate(resolve))
    running -= 1
  })
  await app.add(20)
  app.jobs.start()
  await app.counts({ done: 20 })
  expect(most).toBe(3)
})

test('stop waits for what runs and begins nothing more', async () => {
  await using app = await setUp({ concurrency: 1 })
  const begun = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  app.jobs.handle('mail', async () => {
    begun.resolve()
    await end.promise
  })
  await app.add(3)
  app.jobs.start()
  await begun.promise
  let stopped = false
  const stop = app.jobs.stop().then(() => {
    stopped = true
  })
  app.jobs.poke()
  expect(await app.jobs.counts()).toEqual({ running: 1, ready: 2 })
  expect(stopped).toBe(false)
  end.resolve()
  await stop
  expect(await app.jobs.counts()).toEqual({ done: 1, ready: 2 })
})

test('done jobs are deleted after a day, however many there are', async () => {
  await using app = await setUp({ pollMs: 5 })
  app.jobs.handle('mail', async () => undefined)
  await app.add(700)
  await app.jobs.runDue(new Date(Date.UTC(2026, 10, 21, 10)))
  app.advance(HOUR_MS)
  await app.add(1)
  app.jobs.start()
  await app.counts({ done: 701 })
  app.advance(23 * HOUR_MS + 1)
  await app.counts({ done: 1 })
})
