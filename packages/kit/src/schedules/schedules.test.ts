import { createTableJobs } from '@plinth/adapters'
import { testDatabase } from '@plinth/db/testing'
import { expect, test, vi } from 'vitest'
import { testMigrations } from '../../test/surface.ts'
import { createLog } from '../log.ts'
import { OutsideError } from '../outside/error.ts'
import type { ScheduledTask } from '../ports/schedules.ts'
import type { KitTables } from '../tables.ts'
import { addRun, createRunLog } from './runs.ts'
import { createSchedules } from './schedules.ts'

const HOUR_MS = 3_600_000
const START = Date.UTC(2026, 10, 21, 9, 59)

const setUp = async () => {
  const db = await testDatabase<KitTables>(testMigrations)
  let moment = START
  const clock = { now: () => new Date(moment) }
  const time = async () => clock.now()
  const log = createLog({ level: 'silent', modules: {} }).module('jobs')
  /** What one process has of it. */
  const process = (task: Partial<ScheduledTask> = {}) => {
    const ran: string[] = []
    const jobs = createTableJobs({ db, clock, time, log, settings: { maxAttempts: 3 } })
    const schedules = createSchedules({ db, jobs, time })
    schedules.add({
      name: 'count',
      description: 'Counts',
      cron: '0 * * * *',
      run: async (due) => void ran.push(due.toISOString()),
      ...task,
    })
    return { jobs, schedules, ran, work: () => jobs.runDue(clock.now()) }
  }
  return {
    db,
    process,
    advance: (ms: number) => {
      moment += ms
    },
    runs: () => db.read.selectFrom('schedule_runs').selectAll().orderBy('due_at').execute(),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  }
}

const hour = (count: number) => new Date(Date.UTC(2026, 10, 21, count)).toISOString()

test('a task runs once per due moment, with that moment, and its runs are written down', async () => {
  await using app = await setUp()
  const { schedules, work, ran } = app.process()
  expect(await schedules.fire()).toBe(0)
  app.advance(59_999)
  expect(await schedules.fire()).toBe(0)
  app.advance(1)
  expect(await schedules.fire()).toBe(1)
  expect(await schedules.fire()).toBe(0)
  expect((await app.runs())[0]).toMatchObject({ schedule: 'count', state: 'waiting', started_at: null })
  app.advance(5000)
  await work()
  expect(ran).toEqual([hour(10)])
  app.advance(HOUR_MS)
  expect(await schedules.fire()).toBe(1)
  await work()
  expect(ran).toEqual([hour(10), hour(11)])
  const started = new Date(START + 65_000).toISOString()
  expect((await app.runs())[0]).toMatchObject({
    due_at: hour(10),
    state: 'done',
    attempts: 1,
    started_at: started,
    ended_at: started,
    error: null,
  })
})

test('of processes that look at the same time one fires, and the work is done once', async () => {
  await using app = await setUp()
  const processes = Array.from({ length: 4 }, () => app.process())
  for (const { schedules } of processes) await schedules.fire()
  for (const count of [10, 11, 12]) {
    app.advance(HOUR_MS)
    const fired = await Promise.all(processes.map(({ schedules }) => schedules.fire()))
    expect(fired.reduce((sum, each) => sum + each)).toBe(1)
    await Promise.all(processes.map(({ work }) => work()))
    expect(processes.flatMap(({ ran }) => ran)).toHaveLength(count - 9)
  }
  expect(await app.runs()).toHaveLength(3)
})

test('what was missed while nothing ran is made up for once, and a new task starts with its next moment', async () => {
  await using app = await setUp()
  await app.process().schedules.fire()
  app.advance(5 * HOUR_MS)
  const after = app.process()
  expect(await after.schedules.fire()).toBe(1)
  await after.work()
  expect(after.ran).toEqual([hour(14)])
  const fresh = app.process({ name: 'new' })
  expect(await fresh.schedules.fire()).toBe(0)
  app.advance(HOUR_MS)
  expect(await fresh.schedules.fire()).toBe(1)
})

test('a clock that is set back fires nothing a second time', async () => {
  await using app = await setUp()
  const { schedules } = app.process()
  await schedules.fire()
  app.advance(HOUR_MS)
  expect(await schedules.fire()).toBe(1)
  app.advance(-HOUR_MS)
  expect(await app.process().schedules.fire()).toBe(0)
  app.advance(HOUR_MS)
  expect(await app.process().schedules.fire()).toBe(0)
})

test('a run that fails says why, is tried again, and says how it ended', async () => {
  await using app = await setUp()
  const run = vi.fn(async () => undefined).mockRejectedValueOnce(new Error('no\0 disk'))
  const { schedules, work } = app.process({ run })
  await schedules.fire()
  app.advance(HOUR_MS)
  await schedules.fire()
  await work()
  expect(await app.runs()).toMatchObject([{ state: 'failed', attempts: 1, error: 'Error: no disk' }])
  app.advance(10_000)
  await work()
  expect(await app.runs()).toMatchObject([{ state: 'done', attempts: 2, error: null }])
})

test('the history of a run tells of the attempt after a redrive, not of a late worker from before', async () => {
  await using app = await setUp()
  const hanging = () => {
    const begun = Promise.withResolvers<void>()
    const end = Promise.withResolvers<void>()
    const { work, schedules } = app.process({
      run: async () => {
        begun.resolve()
        await end.promise
      },
    })
    return { begun: begun.promise, end, work, schedules }
  }
  const late = hanging()
  await late.schedules.fire()
  app.advance(HOUR_MS)
  await late.schedules.fire()
  const lateEnds = late.work()
  await late.begun
  app.advance(300_000)
  const refused = () => Promise.reject(new OutsideError('disk', 'refused', { permanent: true }))
  const { jobs, work } = app.process({ run: refused })
  await work()
  expect(await app.runs()).toMatchObject([
    { state: 'failed', attempts: 2, error: 'OutsideError: disk refused' },
  ])
  const [dead] = await jobs.list(app.db.read, { state: 'dead', limit: 1 })
  await app.db.transaction((trx) => jobs.redrive(trx, dead?.id ?? '', new Date(START + 2 * HOUR_MS)))
  app.advance(2 * HOUR_MS)
  const next = hanging()
  const nextEnds = next.work()
  await next.begun
  late.end.reject(new Error('too late'))
  await lateEnds
  expect(await app.runs()).toMatchObject([{ state: 'running', attempts: 3, error: null }])
  next.end.resolve()
  await nextEnds
  expect(await app.runs()).toMatchObject([{ state: 'done', attempts: 3, error: null }])
})

test('a worker that gets to a run only after another one took it over has no part in its history', async () => {
  await using app = await setUp()
  const time = async () => new Date(START)
  const payload = await app.db.transaction(async (trx) => {
    const seen = { name: 'count', last_due_at: new Date(START - HOUR_MS).toISOString() }
    await trx.insertInto('schedules').values(seen).execute()
    return addRun(trx, 'count', new Date(START), new Date(START))
  })
  const runOf = createRunLog(app.db, time)
  const job = { id: 'job', name: 'count', payload: null }
  const run = payload ?? expect.fail()
  await runOf({ ...job, attempt: 2 }, run, () => runOf({ ...job, attempt: 1 }, run, async () => undefined))
  expect(await app.runs()).toMatchObject([{ state: 'done', attempts: 2 }])
  await runOf({ ...job, attempt: 1 }, run, () => Promise.reject(new Error('late'))).catch(() => undefined)
  expect(await app.runs()).toMatchObject([{ state: 'done', attempts: 2, error: null }])
})

test('a run whose worker vanished is shown as failed a day later', async () => {
  await using app = await setUp()
  const { schedules } = app.process()
  await schedules.fire()
  app.advance(HOUR_MS)
  await schedules.fire()
  app.advance(25 * HOUR_MS)
  await schedules.fire()
  expect(await app.runs()).toMatchObject([{ state: 'failed', error: 'it never ended' }, { state: 'waiting' }])
})

test('a hundred runs of a schedule are kept', async () => {
  await using app = await setUp()
  const { schedules } = app.process({ cron: '* * * * *' })
  await schedules.fire()
  for (let minute = 0; minute < 105; minute += 1) {
    app.advance(60_000)
    await schedules.fire()
  }
  const runs = await app.runs()
  expect(runs).toHaveLength(100)
  expect(runs.at(-1)?.due_at).toBe(new Date(START + 105 * 60_000).toISOString())
})

test('names are taken once, and what a schedule does not know is never due', async () => {
  await using app = await setUp()
  const { schedules } = app.process()
  expect(() =>
    schedules.add({ name: 'count', description: '', cron: '0 0 * * *', run: async () => undefined }),
  ).toThrow("'count' is there already")
  expect(schedules.tasks().map(({ name }) => name)).toEqual(['count'])
  expect(schedules.next('other', new Date(START))).toBeNull()
  expect(schedules.next('count', new Date(START))?.toISOString()).toBe(hour(10))
})
