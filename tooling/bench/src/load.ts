import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Started, startNode } from './processes.ts'
import type { Measured } from './statistics.ts'
import type { Asked } from './works/types.ts'

const PROCESS = fileURLToPath(new URL('./load-process.ts', import.meta.url))
const GRACE_MS = 20_000

/** Requests to send for a while, in turn on every connection. */
export interface Job {
  readonly url: string
  readonly asked: readonly Asked[]
  readonly seconds: number
  readonly connections: number
  /** Requests per second over all connections; left out: as many as are answered. */
  readonly rate?: number
  /** Whether the load's core stays awake; where a database server works beside the server it needs that core, too. */
  readonly awake?: boolean
}

type Reply = { readonly measured: Measured } | { readonly error: string }

/** A process that makes load. */
export interface Load extends AsyncDisposable {
  /** Runs one job; rejects when the process ends or does not answer in time. */
  run(job: Job): Promise<Measured>
}

const reply = async ({ child, ended }: Started, seconds: number): Promise<Reply> => {
  const done = new AbortController()
  const { signal } = done
  const late = delay(seconds * 1000 + GRACE_MS, undefined, { signal }).then(() => {
    throw new Error('the load did not end in time')
  })
  try {
    const message = once(child, 'message', { signal }).then(([first]: unknown[]) => first as Reply)
    return await Promise.race([message, ended, late])
  } finally {
    late.catch(() => undefined)
    done.abort()
  }
}

/** Starts the process that makes load, on a core of its own. */
export const startLoad = (core: number | undefined): Load => {
  const started = startNode({ core, args: [PROCESS], env: {}, messages: true })
  return {
    async run(job) {
      const answer = reply(started, job.seconds)
      started.child.send(job)
      const result = await answer
      if ('error' in result) throw new Error(result.error)
      return result.measured
    },
    [Symbol.asyncDispose]: started[Symbol.asyncDispose],
  }
}
