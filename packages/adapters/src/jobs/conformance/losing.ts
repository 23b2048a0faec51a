import { eventually } from '@plinth/db/testing'
import { expect } from 'vitest'
import { type Adapter, type Cases, fails, gate, mail, setUp } from './set-up.ts'

type App = Awaited<ReturnType<typeof setUp>>

/** A worker that begins the job and ends it, well or not, when it is told to. */
const hanging = async (app: App, run: (jobs: ReturnType<App['worker']>) => Promise<number>) => {
  const jobs = app.worker()
  const begun = gate()
  const end = gate()
  const attempts: number[] = []
  jobs.handle('mail', async ({ attempt }) => {
    attempts.push(attempt)
    begun.resolve()
    await end.promise
  })
  const ran = run(jobs)
  await begun.promise
  return { attempts, end, ran }
}

const results = async ({ metrics }: App): Promise<Record<string, number>> => {
  const { values } = await metrics.jobs.get()
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels.result), value]))
}

const endings = {
  well: (end: PromiseWithResolvers<void>) => end.resolve(),
  badly: (end: PromiseWithResolvers<void>) => end.reject(new Error('from the late worker')),
}

/** The one job, which has to be untouched while the late worker ends. */
const overtakes = async (
  app: App,
  late: Awaited<ReturnType<typeof hanging>>,
  { run, attempts, ending }: { run: App['runLater']; attempts: number; ending: keyof typeof endings },
) => {
  const next = await hanging(app, run)
  const [before] = await app.list()
  expect(before).toMatchObject({ state: 'running', attempts })
  endings[ending](late.end)
  await late.ran
  expect(await app.list()).toEqual([before])
  expect(await results(app)).toMatchObject({ overtaken: 1 })
  next.end.resolve()
  expect(await next.ran).toBe(1)
  expect((await app.list())[0]).toMatchObject({ state: 'done', attempts, error: null })
  expect(await results(app)).toMatchObject({ overtaken: 1, done: 1 })
  return next
}

const lostByExpiry = async (adapter: Adapter, ending: keyof typeof endings) => {
  await using app = await setUp(adapter)
  await app.add(mail())
  const late = await hanging(app, app.runDue)
  await app.pass(300_000)
  const { attempts } = await overtakes(app, late, { run: app.runLater, attempts: 2, ending })
  expect([late.attempts, attempts]).toEqual([[1], [2]])
}

/** Once its lease is over the job is given up, for it had but one attempt; people let it be tried anew. */
const lostByRedrive = async (adapter: Adapter, ending: keyof typeof endings, redrives: number) => {
  await using app = await setUp(adapter)
  const strict = app.worker({ maxAttempts: 1 })
  strict.handle('mail', fails)
  const moment = await app.now()
  await app.db.transaction((trx) => strict.enqueue(trx, [mail()], moment))
  const redrive = async () => {
    const [dead] = await app.list({ state: 'dead' })
    const now = await app.now()
    expect(await app.db.transaction((trx) => strict.redrive(trx, dead?.id ?? '', now))).toBe('redriven')
  }
  const late = await hanging(app, app.runDue)
  await app.pass(300_000)
  await eventually(async () => {
    await app.pass(60_000)
    await app.runDue(strict)
    expect(await app.desk.counts()).toEqual({ dead: 1 })
  })
  await redrive()
  for (let lives = 1; lives < redrives; lives += 1) {
    expect(await app.runDue(strict)).toBe(1)
    await redrive()
  }
  const { attempts } = await overtakes(app, late, { run: app.runDue, attempts: 1, ending })
  expect([late.attempts, attempts]).toEqual([[1], [1 + redrives]])
}

/** What a worker can still do that lost its job and does not know. */
export const losing: Cases = {
  'a worker whose lease ran out does not complete the attempt of the one that took over': (adapter) =>
    lostByExpiry(adapter, 'well'),
  'a worker whose lease ran out does not fail the attempt of the one that took over': (adapter) =>
    lostByExpiry(adapter, 'badly'),
  'a worker that lost its job before it was redriven does not complete the new attempt': (adapter) =>
    lostByRedrive(adapter, 'well', 1),
  'a worker that lost its job before it was redriven does not fail the new attempt': (adapter) =>
    lostByRedrive(adapter, 'badly', 1),
  'a worker that lost its job has no part in it however often it is redriven': (adapter) =>
    lostByRedrive(adapter, 'badly', 3),

  'a redriven job pauses between its attempts as a new one does': async (adapter) => {
    await using app = await setUp(adapter)
    const worker = app.worker({ maxAttempts: 6 })
    worker.handle('mail', fails)
    const moment = await app.now()
    await app.db.transaction((trx) => worker.enqueue(trx, [mail()], moment))
    await eventually(async () => {
      await app.pass(60_000)
      await app.runDue(worker)
      expect(await app.desk.counts()).toEqual({ dead: 1 })
    })
    const [dead] = await app.list()
    const again = await app.now()
    await app.db.transaction((trx) => worker.redrive(trx, dead?.id ?? '', again))
    expect(await app.runDue(worker)).toBe(1)
    const [waiting] = await app.list()
    expect(waiting).toMatchObject({ state: 'ready', attempts: 1 })
    const pause = Date.parse(waiting?.runAt ?? '') - (await app.now()).getTime()
    expect(pause).toBeLessThanOrEqual(2000)
  },
}
