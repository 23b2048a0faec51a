import type { Job } from '@plinth/kit'
import { expect } from 'vitest'
import { type Cases, mail, setUp } from './set-up.ts'

/** How jobs come in and which of them wait. */
export const adding: Cases = {
  'a job is there only if the transaction that adds it commits, and not before': async (adapter) => {
    await using app = await setUp(adapter)
    const { db, desk } = app
    const moment = await app.now()
    const failed = db.transaction(async (trx) => {
      await desk.enqueue(trx, [mail()], moment)
      throw new Error('rolled back')
    })
    await expect(failed).rejects.toThrow('rolled back')
    expect(await desk.counts()).toEqual({})
    const worker = app.worker()
    worker.handle('mail', async () => undefined)
    await db.transaction(async (trx) => {
      await desk.enqueue(trx, [mail()], moment)
      expect(await app.list()).toEqual([])
    })
    expect(await app.runDue(worker)).toBe(1)
    expect(await desk.counts()).toEqual({ done: 1 })
  },

  'a job comes with what it was given, once it is due': async (adapter) => {
    await using app = await setUp(adapter)
    const worker = app.worker()
    const seen: Job[] = []
    worker.handle('mail', async (job) => void seen.push(job))
    const payloads = [{ to: 'ada', tags: ['a', null] }, "it's text", 7, null, [], true]
    await app.add(...payloads.map((payload) => mail({ payload })))
    expect(Date.parse((await app.desk.dueSince()) ?? '')).toBeLessThanOrEqual((await app.now()).getTime())
    const later = new Date((await app.now()).getTime() + 60_000)
    await app.add(mail({ payload: 'later', runAt: later }))
    expect(await app.runDue(worker)).toBe(6)
    expect(new Set(seen.map(({ payload }) => payload))).toEqual(new Set(payloads))
    expect(
      seen.every(({ attempt, name, id }) => attempt === 1 && name === 'mail' && id.startsWith('job_')),
    ).toBe(true)
    expect(await app.runDue(worker)).toBe(0)
    expect(await app.desk.dueSince()).toBe(later.toISOString())
    await app.pass(61_000)
    expect(await app.runDue(worker)).toBe(1)
    expect(seen.at(-1)?.payload).toBe('later')
    expect(await app.desk.dueSince()).toBeNull()
  },

  'a job that no worker here can do is left for others': async (adapter) => {
    await using app = await setUp(adapter)
    const worker = app.worker()
    worker.handle('other', async () => undefined)
    await app.add(mail())
    expect(await app.runDue(worker)).toBe(0)
    expect((await app.list())[0]).toMatchObject({ name: 'mail', state: 'ready', attempts: 0 })
  },

  'of one name and key one job waits at a time, also between its attempts': async (adapter) => {
    await using app = await setUp(adapter)
    const keyed = (payload: number) => mail({ key: 'a', payload })
    await app.add(keyed(1), keyed(2), mail({ key: 'b' }), { name: 'other', payload: null, key: 'a' })
    await app.add(keyed(3))
    expect(await app.desk.counts()).toEqual({ ready: 3 })
    const worker = app.worker()
    const payloads: unknown[] = []
    worker.handle('mail', async ({ payload }) => {
      payloads.push(payload)
      if (payload === 1 && payloads.length < 3) throw new Error('again')
    })
    expect(await app.runDue(worker)).toBe(2)
    await app.add(keyed(4))
    expect((await app.list({ name: 'mail', state: 'ready' })).map(({ key }) => key)).toEqual(['a'])
    await app.pass(10_000)
    expect(await app.runDue(worker)).toBe(1)
    await app.add(keyed(5))
    expect(await app.runDue(worker)).toBe(1)
    expect(payloads).toEqual(expect.arrayContaining([1, null, 1, 5]))
    expect(payloads).toHaveLength(4)
  },
}
