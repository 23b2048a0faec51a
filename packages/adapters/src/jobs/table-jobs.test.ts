import { eventually, testDatabase } from '@plinth/db/testing'
import { createLog, createMetrics, type Job, type NewJob } from '@plinth/kit'
import { expect, test } from 'vitest'
import { adapterMigrations } from '../migrations.ts'
import type { AdapterTables } from '../tables.ts'
import type { JobsSettings } from './create-jobs.ts'
import { createTableJobs } from './table-jobs.ts'

const DAY_MS = 24 * 3_600_000

const setUp = async (settings: JobsSettings = {}) => {
  const db = await testDatabase<AdapterTables>(adapterMigrations)
  let moment = Date.UTC(2026, 10, 21, 10)
  const clock = { now: () => new Date(moment) }
  const log = createLog({ level: 'silent', modules: {} }).module('jobs')
  const metrics = createMetrics()
  const worker = (more: JobsSettings = {}) =>
    createTableJobs({
      db: db.as(),
      clock,
      time: async () => clock.now(),
      log,
      metrics,
      settings: { ...settings, ...more },
    })
  const jobs = worker()
  return {
    db,
    clock,
    metrics,
    jobs,
    worker,
    advance: (ms: number) => {
      moment += ms
    },
    add: (...added: NewJob[]) => db.transaction((trx) => jobs.enqueue(trx, added, clock.now())),
    rows: () => db.read.selectFrom('jobs').selectAll().orderBy('id').execute(),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  }
}

const job = (name: string, more: Partial<NewJob> = {}): NewJob => ({ name, payload: null, ...more })

/** A promise that a test resolves when it wants to. */
const gate = () => Promise.withResolvers<void>()

test('a job is there only if the transaction that adds it commits', async () => {
  await using app = await setUp()
  const failed = app.db.transaction(async (trx) => {
    await app.jobs.enqueue(trx, [job('mail')], app.clock.now())
    throw new Error('rolled back')
  })
  await expect(failed).rejects.toThrow('rolled back')
  await app.add(job('mail'))
  expect(await app.jobs.counts()).toEqual({ ready: 1 })
})

test('what is due is run once with its payload, until nothing is left; what is not due waits', async () => {
  await using app = await setUp()
  const seen: Job[] = []
  app.jobs.handle('mail', async (started) => void seen.push(started))
  const payloads = [{ to: 'ada', tags: ['a', null] }, 'text', 7, null, [], true]
  await app.add(...payloads.map((payload) => job('mail', { payload })))
  await app.add(job('mail', { payload: 'later', runAt: new Date(app.clock.now().getTime() + 60_000) }))
  expect(await app.jobs.runDue(app.clock.now())).toBe(6)
  expect(seen.map(({ payload }) => payload)).toEqual(payloads)
  expect(seen.every(({ attempt, name }) => attempt === 1 && name === 'mail')).toBe(true)
  expect(await app.jobs.runDue(app.clock.now())).toBe(0)
  app.advance(60_000)
  expect(await app.jobs.runDue(app.clock.now())).toBe(1)
  expect(await app.jobs.counts()).toEqual({ done: 7 })
})

test('a job that a job adds is run too', async () => {
  await using app = await setUp()
  app.jobs.handle('first', () => app.add(job('second')))
  app.jobs.handle('second', async () => undefined)
  await app.add(job('first'))
  expect(await app.jobs.runDue(app.clock.now())).toBe(2)
})

test('a failed job is tried again later, and after its last attempt is dead with its error', async () => {
  await using app = await setUp({ maxAttempts: 3 })
  app.jobs.handle('mail', () => Promise.reject(new Error('no\0 server')))
  await app.add(job('mail'))
  for (const attempts of [1, 2]) {
    expect(await app.jobs.runDue(app.clock.now())).toBe(1)
    const [row] = await app.rows()
    expect(row).toMatchObject({
      state: 'ready',
      attempts,
      last_error: 'Error: no server',
      locked_until: null,
    })
    expect(await app.jobs.runDue(app.clock.now())).toBe(0)
    app.advance(2000)
  }
  expect(await app.jobs.runDue(app.clock.now())).toBe(1)
  const [row] = await app.rows()
  expect(row).toMatchObject({ state: 'dead', attempts: 3, last_error: 'Error: no server' })
  expect(row?.finished_at).toBe(app.clock.now().toISOString())
  app.advance(DAY_MS)
  expect(await app.jobs.runDue(app.clock.now())).toBe(0)
  const counted = await app.metrics.jobs.get()
  expect(counted.values.map(({ labels, value }) => [labels.result, value])).toEqual([
    ['retried', 2],
    ['dead', 1],
  ])
})

test('a handler that throws before its first await fails the job like any other', async () => {
  await using app = await setUp()
  app.jobs.handle('mail', () => {
    throw new Error('at once')
  })
  await app.add(job('mail'))
  await app.jobs.runDue(app.clock.now())
  expect((await app.rows())[0]).toMatchObject({ state: 'ready', last_error: 'Error: at once' })
})

test('a job that no process here can do is left for others', async () => {
  await using app = await setUp()
  await app.add(job('unknown'))
  expect(await app.jobs.runDue(app.clock.now())).toBe(0)
  app.jobs.handle('other', async () => undefined)
  expect(await app.jobs.runDue(app.clock.now())).toBe(0)
  expect((await app.rows())[0]).toMatchObject({ state: 'ready', attempts: 0 })
})

test('a job has one handler', async () => {
  await using app = await setUp()
  app.jobs.handle('mail', async () => undefined)
  expect(() => app.jobs.handle('mail', async () => undefined)).toThrow("'mail' has a handler already")
})

test('a second job of the same name and key is not added while the first waits, and is once it runs', async () => {
  await using app = await setUp()
  const keyed = (payload: number) => job('sync', { key: 'a', payload })
  await app.add(keyed(1), keyed(2), job('sync', { key: 'b' }), job('other', { key: 'a' }))
  await app.add(keyed(3))
  expect(await app.jobs.counts()).toEqual({ ready: 3 })
  const payloads: unknown[] = []
  app.jobs.handle('sync', async ({ payload }) => {
    payloads.push(payload)
    if (payload === 1) await app.add(keyed(4))
  })
  await app.jobs.runDue(app.clock.now())
  expect(payloads).toHaveLength(3)
  expect(new Set(payloads)).toEqual(new Set([1, 4, null]))
})

test('a job that fails while its successor waits leaves the work to it', async () => {
  await using app = await setUp()
  const payloads: unknown[] = []
  app.jobs.handle('sync', async ({ payload }) => {
    payloads.push(payload)
    if (payload === 2) return
    await app.add(job('sync', { key: 'a', payload: 2 }))
    throw new Error('lost')
  })
  await app.add(job('sync', { key: 'a', payload: 1 }))
  await app.jobs.runDue(app.clock.now())
  expect(payloads).toEqual([1, 2])
  expect(await app.jobs.counts()).toEqual({ done: 2 })
})

test('two workers on one table run every job once', async () => {
  await using app = await setUp()
  const seen: string[] = []
  const workers = [app.jobs, app.worker()]
  for (const worker of workers) worker.handle('mail', async ({ id }) => void seen.push(id))
  await app.add(...Array.from({ length: 60 }, () => job('mail')))
  const counts = await Promise.all(workers.map((worker) => worker.runDue(app.clock.now())))
  expect(counts.reduce((sum, count) => sum + count)).toBe(60)
  expect(new Set(seen).size).toBe(60)
  expect(seen).toHaveLength(60)
})

test('a job whose worker is gone is taken over when its lease ends, and the late worker changes nothing', async () => {
  await using app = await setUp({ leaseMs: 10_000 })
  const hangs = gate()
  app.jobs.handle('mail', () => hangs.promise)
  await app.add(job('mail'))
  const gone = app.jobs.runDue(app.clock.now())
  await eventually(async () => expect(await app.jobs.counts()).toEqual({ running: 1 }))

  const attempts: number[] = []
  const other = app.worker()
  other.handle('mail', async ({ attempt }) => {
    attempts.push(attempt)
    throw new Error('from the second worker')
  })
  app.advance(9_999)
  expect(await other.runDue(app.clock.now())).toBe(0)
  app.advance(1)
  expect(await other.runDue(app.clock.now())).toBe(1)
  hangs.resolve()
  await gone
  expect(attempts).toEqual([2])
  expect((await app.rows())[0]).toMatchObject({ state: 'ready', last_error: 'Error: from the second worker' })
})

test('a job whose workers vanish every time is given up', async () => {
  await using app = await setUp({ maxAttempts: 1, leaseMs: 10_000 })
  const hangs = gate()
  app.jobs.handle('mail', () => hangs.promise)
  await app.add(job('mail'))
  const gone = app.jobs.runDue(app.clock.now())
  await eventually(async () => expect(await app.jobs.counts()).toEqual({ running: 1 }))
  app.advance(10_000)
  const other = app.worker()
  other.handle('mail', async () => undefined)
  expect(await other.runDue(app.clock.now())).toBe(0)
  expect((await app.rows())[0]).toMatchObject({ state: 'dead', attempts: 1 })
  hangs.resolve()
  await gone
  expect(await app.jobs.counts()).toEqual({ dead: 1 })
})

test('an attempt that outlasts its lease is told to stop and counts as failed', async () => {
  await using app = await setUp({ leaseMs: 20 })
  const stopped = gate()
  app.jobs.handle('slow', (_, signal) => {
    signal.addEventListener('abort', () => stopped.resolve())
    return gate().promise
  })
  await app.add(job('slow'))
  const keepAlive = setInterval(() => undefined, 1000)
  expect(await app.jobs.runDue(app.clock.now())).toBe(1)
  clearInterval(keepAlive)
  await stopped.promise
  expect((await app.rows())[0]).toMatchObject({
    state: 'ready',
    last_error: 'Error: it took longer than its lease',
  })
})
