import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { eventually } from '@plinth/db/testing'
import type { Job } from '@plinth/kit'
import { expect } from 'vitest'
import { type Cases, gate, mail, setUp } from './set-up.ts'

/** Starts a process that begins the job and hangs in it; resolves when it has begun. */
const startProcess = async (store: string, url: string) => {
  const script = new URL('../../../test/job-worker.ts', import.meta.url)
  const child = spawn(process.execPath, [script.pathname, store, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as unknown[]
  return {
    id: String(line).trim(),
    async killHard() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      const [, signal] = (await gone) as unknown[]
      return signal
    },
  }
}

/** What workers may rely on when there are several of them, and when one is lost. */
export const working: Cases = {
  'two workers run every job once, and never one job at the same time': async (adapter) => {
    await using app = await setUp(adapter)
    const running = new Set<string>()
    const seen: string[] = []
    const workers = [app.worker({ concurrency: 3 }), app.worker({ concurrency: 3 })]
    for (const worker of workers)
      worker.handle('mail', async ({ id }) => {
        if (running.has(id)) throw new Error('it runs elsewhere')
        running.add(id)
        seen.push(id)
        await new Promise((resolve) => setImmediate(resolve))
        running.delete(id)
      })
    await app.add(...Array.from({ length: 40 }, () => mail()))
    for (const worker of workers) worker.start()
    await eventually(async () => expect(await app.desk.counts()).toEqual({ done: 40 }))
    expect(new Set(seen).size).toBe(40)
    expect(seen).toHaveLength(40)
  },

  'a process that is killed in the middle of a job loses nothing: the job runs again elsewhere': async (
    adapter,
  ) => {
    await using app = await setUp(adapter)
    await app.add(mail({ payload: 'kept' }))
    const process = await startProcess(adapter.store, app.url)
    expect(await app.desk.counts()).toEqual({ running: 1 })
    expect(await process.killHard()).toBe('SIGKILL')
    const worker = app.worker()
    const seen: Job[] = []
    worker.handle('mail', async (job) => void seen.push(job))
    expect(await app.runDue(worker)).toBe(0)
    expect(await app.runLater(worker)).toBe(1)
    expect(seen).toEqual([{ id: process.id, name: 'mail', payload: 'kept', attempt: 2 }])
    expect(await app.desk.counts()).toEqual({ done: 1 })
  },

  'workers whose clocks are a minute off to either side do not run a job twice': async (adapter) => {
    await using app = await setUp(adapter)
    const hangs = gate()
    const seen: string[] = []
    const behind = app.worker({ skewMs: -60_000, leaseMs: 30_000 })
    const ahead = app.worker({ skewMs: 60_000, leaseMs: 30_000 })
    behind.handle('mail', async ({ id }) => {
      seen.push(id)
      await hangs.promise
    })
    ahead.handle('mail', async ({ id }) => void seen.push(id))
    ahead.handle('look', async () => undefined)
    await app.add(mail())
    behind.start()
    await eventually(() => expect(seen).toHaveLength(1))
    ahead.start()
    for (const round of [1, 2, 3]) {
      await app.add({ name: 'look', payload: null })
      await eventually(async () => expect(await app.desk.counts()).toEqual({ done: round, running: 1 }))
    }
    hangs.resolve()
    await eventually(async () => expect(await app.desk.counts()).toEqual({ done: 4 }))
    expect(seen).toHaveLength(1)
  },

  'a worker that stops ends what it runs and begins nothing more': async (adapter) => {
    await using app = await setUp(adapter)
    const worker = app.worker({ concurrency: 1 })
    const begun = gate()
    const end = gate()
    worker.handle('mail', async () => {
      begun.resolve()
      await end.promise
    })
    await app.add(mail(), mail(), mail())
    worker.start()
    await begun.promise
    let stopped = false
    const stopping = worker.stop().then(() => {
      stopped = true
    })
    worker.poke()
    expect(await app.desk.counts()).toEqual({ running: 1, ready: 2 })
    expect(stopped).toBe(false)
    end.resolve()
    await stopping
    expect(await app.desk.counts()).toEqual({ done: 1, ready: 2 })
  },

  'jobs with a concurrency of their own wait for nobody else, and nobody else for them': async (adapter) => {
    await using app = await setUp(adapter)
    const worker = app.worker({ concurrency: 1 })
    const end = gate()
    let begun = 0
    const hangs = async () => {
      begun += 1
      await end.promise
    }
    worker.handle('slow', hangs, { concurrency: 2 })
    worker.handle('mail', async () => undefined)
    expect(() => worker.handle('slow', hangs)).toThrow('has a handler already')
    await app.add({ name: 'slow', payload: 1 }, { name: 'slow', payload: 2 }, { name: 'slow', payload: 3 })
    worker.start()
    await eventually(() => expect(begun).toBe(2))
    await app.add(mail(), mail())
    await eventually(async () => expect(await app.desk.counts()).toEqual({ done: 2, running: 2, ready: 1 }))
    end.resolve()
    await eventually(async () => expect(await app.desk.counts()).toEqual({ done: 5 }))
    await app.add({ name: 'slow', payload: 4 }, mail())
    await worker.stop()
    const other = app.worker()
    other.handle('slow', hangs, { concurrency: 2 })
    other.handle('mail', async () => undefined)
    await app.runDue(other)
    expect(await app.desk.counts()).toEqual({ done: 7 })
  },
}
