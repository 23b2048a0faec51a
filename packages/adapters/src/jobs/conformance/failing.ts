import { OutsideError } from '@plinth/kit'
import { expect } from 'vitest'
import { type Cases, fails, gate, mail, setUp } from './set-up.ts'

/** What becomes of jobs that fail, and what people see of them. */
export const failing: Cases = {
  'a failed job is tried again after a pause that doubles and is not the same for all': async (adapter) => {
    await using app = await setUp(adapter)
    const worker = app.worker()
    worker.handle('mail', fails)
    await app.add(...Array.from({ length: 20 }, () => mail()))
    for (const attempt of [1, 2, 3]) {
      const before = (await app.now()).getTime()
      expect(await app.runDue(worker)).toBe(20)
      const after = (await app.now()).getTime()
      const waiting = await app.list({ state: 'ready' })
      const pauses = waiting.map(({ runAt }) => new Date(runAt).getTime())
      expect(waiting.every(({ attempts }) => attempts === attempt)).toBe(true)
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(before + 500 * 2 ** (attempt - 1) - 1)
      expect(Math.max(...pauses)).toBeLessThanOrEqual(after + 1000 * 2 ** attempt + 1)
      expect(new Set(pauses.map((moment) => moment % 1000)).size).toBeGreaterThan(5)
      expect(await app.runDue(worker)).toBe(0)
      await app.pass(10_000)
    }
  },

  'after its last attempt a job is dead and listed with its error, and runs again when it is redriven':
    async (adapter) => {
      await using app = await setUp(adapter)
      const worker = app.worker({ maxAttempts: 2 })
      const attempts: number[] = []
      let works = false
      worker.handle('mail', async ({ attempt }) => {
        attempts.push(attempt)
        if (!works) throw new Error('no\0 server')
      })
      const moment = await app.now()
      await app.db.transaction((trx) => worker.enqueue(trx, [mail({ payload: 1 })], moment))
      for (const state of ['ready', 'dead']) {
        expect(await app.runDue(worker)).toBe(1)
        expect((await app.list())[0]).toMatchObject({ state, error: 'Error: no server' })
        await app.pass(10_000)
      }
      expect(await app.runDue(worker)).toBe(0)
      const [dead] = await app.list({ state: 'dead', name: 'mail' })
      expect(dead).toMatchObject({ attempts: 2, maxAttempts: 2, key: null })
      expect(dead?.finishedAt).not.toBeNull()
      expect(await app.desk.get(app.db.read, dead?.id ?? '')).toEqual(dead)

      const id = dead?.id ?? ''
      const undone = app.db.transaction(async (trx) => {
        expect(await worker.redrive(trx, id, moment)).toBe('redriven')
        throw new Error('rolled back')
      })
      await expect(undone).rejects.toThrow('rolled back')
      expect(await app.desk.counts()).toEqual({ dead: 1 })

      const again = async () => app.db.transaction(async (trx) => worker.redrive(trx, id, await app.now()))
      expect(await again()).toBe('redriven')
      expect(await again()).toBe('not-dead')
      expect(await app.desk.get(app.db.read, id)).toMatchObject({
        state: 'ready',
        attempts: 0,
        finishedAt: null,
      })
      expect(await app.runDue(worker)).toBe(1)
      await app.pass(10_000)
      works = true
      expect(await app.runDue(worker)).toBe(1)
      expect(attempts).toEqual([1, 2, 3, 4])
      expect(await app.desk.counts()).toEqual({ done: 1 })
      expect(await again()).toBe('not-dead')
      const counted = await app.metrics.jobs.get()
      expect(Object.fromEntries(counted.values.map(({ labels, value }) => [labels.result, value]))).toEqual({
        retried: 2,
        dead: 1,
        done: 1,
      })
    },

  'a failure that says it is permanent is not tried again': async (adapter) => {
    await using app = await setUp(adapter)
    const worker = app.worker()
    worker.handle('mail', () => Promise.reject(new OutsideError('mail', 'refused', { permanent: true })))
    await app.add(mail())
    expect(await app.runDue(worker)).toBe(1)
    const [dead] = await app.list()
    expect(dead).toMatchObject({ state: 'dead', attempts: 1, error: 'OutsideError: mail refused' })
    expect(await app.redrive(dead?.id ?? '')).toBe('redriven')
    expect((await app.list())[0]).toMatchObject({ state: 'ready', attempts: 0, maxAttempts: 10 })
  },

  'a kind of job with a rule of its own is tried that often, with pauses that are no longer than it says':
    async (adapter) => {
      await using app = await setUp(adapter)
      const worker = app.worker()
      const retry = { maxAttempts: 13, maxPauseMs: 4000 }
      worker.handle('mail', fails, retry)
      worker.handle('other', fails)
      const moment = await app.now()
      await app.db.transaction((trx) => worker.enqueue(trx, [mail(), mail({ name: 'other' })], moment))
      for (let attempt = 1; attempt <= 13; attempt += 1) {
        expect(await app.runDue(worker)).toBeGreaterThan(0)
        const [own] = await app.list({ name: 'mail' })
        expect(own).toMatchObject({ attempts: attempt, maxAttempts: 13 })
        const pause = new Date(own?.runAt ?? 0).getTime() - (await app.now()).getTime()
        expect(pause).toBeLessThanOrEqual(4000)
        await app.pass(4001)
      }
      const [dead] = await app.list({ name: 'mail' })
      expect(dead?.state).toBe('dead')
      expect((await app.list({ name: 'other' }))[0]).toMatchObject({ state: 'ready', maxAttempts: 10 })
      const again = await app.now()
      await app.db.transaction((trx) => worker.redrive(trx, dead?.id ?? '', again))
      expect((await app.list({ name: 'mail' }))[0]).toMatchObject({ attempts: 0, maxAttempts: 13 })
    },

  'what is not there, or whose key waits again, is not redriven': async (adapter) => {
    await using app = await setUp(adapter)
    const worker = app.worker({ maxAttempts: 1 })
    worker.handle('mail', fails)
    const moment = await app.now()
    await app.db.transaction((trx) => worker.enqueue(trx, [mail({ key: 'a' })], moment))
    await app.runDue(worker)
    const [dead] = await app.list({ state: 'dead' })
    await app.add(mail({ key: 'a' }))
    expect(await app.redrive(dead?.id ?? '')).toBe('key-waits')
    expect(await app.redrive(`job_${'0'.repeat(26)}`)).toBe('absent')
    expect(await app.desk.get(app.db.read, `job_${'0'.repeat(26)}`)).toBeNull()
    expect(await app.desk.counts()).toEqual({ dead: 1, ready: 1 })
  },

  'jobs are listed newest first, page by page': async (adapter) => {
    await using app = await setUp(adapter)
    for (const payload of [1, 2, 3, 4, 5]) await app.add(mail({ payload, key: String(payload) }))
    const first = await app.list({ limit: 2 })
    const rest = await app.list({ after: first.at(-1)?.id })
    expect([...first, ...rest].map(({ key }) => key)).toEqual(['5', '4', '3', '2', '1'])
    expect(await app.list({ name: 'other' })).toEqual([])
    expect(await app.list({ state: 'done' })).toEqual([])
  },

  'an attempt that outlasts its lease is told to stop and counts as failed': async (adapter) => {
    await using app = await setUp(adapter)
    const worker = app.worker({ leaseMs: 1000 })
    const stopped = gate()
    worker.handle('mail', (_, signal) => {
      signal.addEventListener('abort', () => stopped.resolve())
      return gate().promise
    })
    await app.add(mail())
    expect(await app.runDue(worker)).toBe(1)
    await stopped.promise
    expect((await app.list())[0]).toMatchObject({
      state: 'ready',
      attempts: 1,
      error: 'Error: it took longer than its lease',
    })
  },
}
