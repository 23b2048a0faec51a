import { createDb, type Database } from '@plinth/db'
import { eventually, tcpProxy, testServerUrl } from '@plinth/db/testing'
import { createLog, type KitTables, systemClock } from '@plinth/kit'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createPgBossJobs } from './pg-boss-jobs.ts'

const setUp = async () => {
  const { url, dispose } = await testServerUrl({})
  const db = await createDb<KitTables>({ url })
  const lines: string[] = []
  const log = createLog({ level: 'warn', modules: {} }, { write: (line) => void lines.push(line) })
  return {
    url,
    db,
    lines,
    jobs: (over: Database<KitTables> = db, clock = systemClock) =>
      createPgBossJobs({ db: over, clock, log: log.module('jobs'), settings: { pollMs: 20 }, silentMs: 500 }),
    async [Symbol.asyncDispose]() {
      await db.close()
      await dispose()
    },
  }
}

test('of processes that start together on an empty server each finds the schema made', async () => {
  await using app = await setUp()
  const jobs = Array.from({ length: 5 }, () => app.jobs())
  const add = (at: number) =>
    app.db.transaction(
      (trx) => jobs[at]?.enqueue(trx, [{ name: 'mail', payload: at }], new Date()) ?? expect.fail(),
    )
  await Promise.all(jobs.map((_, at) => add(at)))
  expect(await jobs[0]?.counts()).toEqual({ ready: 5 })
  await Promise.all(jobs.map((each) => each.stop()))
  expect(app.lines).toEqual([])
})

test('a server that can not be reached fails the call', async () => {
  await using app = await setUp()
  const address = new URL(app.url)
  address.port = '1'
  const away = { ...app.db, address: address.href }
  const jobs = app.jobs(away)
  await expect(jobs.counts()).rejects.toThrow('ECONNREFUSED')
  await jobs.stop()
  await expect(jobs.counts()).rejects.toThrow('closed')
})

test('a server that falls silent fails what it owes an answer, in time, and serves again when it speaks', async () => {
  await using app = await setUp()
  const address = new URL(app.url)
  await using line = await tcpProxy(Number(address.port || 5432))
  address.host = `127.0.0.1:${line.port}`
  const ran: unknown[] = []
  const jobs = app.jobs({ ...app.db, address: address.href })
  jobs.handle('mail', async ({ payload }) => void ran.push(payload))
  const add = (payload: number) =>
    app.db.transaction((trx) => jobs.enqueue(trx, [{ name: 'mail', payload }], new Date()))
  await add(1)
  jobs.start()
  await eventually(() => expect(ran).toEqual([1]))
  line.swallow = true
  await eventually(() => expect(app.lines.join()).toContain('looking for jobs failed'))
  line.swallow = false
  await add(2)
  await eventually(() => expect(ran).toEqual([1, 2]))
  await jobs.stop()
})

test('jobs that are done are deleted after a day, dead ones are kept', async () => {
  await using app = await setUp()
  let moment = Date.now()
  const jobs = app.jobs(app.db, { now: () => new Date(moment) })
  jobs.handle('mail', async () => undefined)
  await app.db.transaction((trx) => jobs.enqueue(trx, [{ name: 'mail', payload: 1 }], new Date()))
  jobs.start()
  await eventually(async () => expect(await jobs.counts()).toEqual({ done: 1 }))
  await app.db.transaction(async (trx) => {
    await sql`insert into pgboss.job (name, state, completed_on) values ('mail', 'failed', now())`.execute(
      trx,
    )
    await sql`update pgboss.job set completed_on = completed_on - interval '25 hours'`.execute(trx)
  })
  moment += 60_000
  await eventually(async () => expect(await jobs.counts()).toEqual({ dead: 1 }))
  await jobs.stop()
})

test('a database that is a file is refused', async () => {
  await using app = await setUp()
  expect(() => app.jobs({ ...app.db, address: null })).toThrow('this is a file')
})
