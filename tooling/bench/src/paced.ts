import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Asked } from './works/types.ts'

const TIMEOUT_MS = 10_000

/** What came of a paced load: the milliseconds of each answer that was a success, and how many were none. */
interface Paced {
  readonly latencies: readonly number[]
  readonly errors: number
}

interface Pace {
  readonly url: string
  /** The request that is sent as so many-eth. */
  readonly nth: (index: number) => Asked
  /** Requests per second. */
  readonly rate: number
  readonly seconds: number
  readonly connections: number
}

const send = (url: string, { method, path, headers, body }: Asked, agent: Agent): Promise<boolean> =>
  new Promise((resolve) => {
    const fail = () => resolve(false)
    const sent = request(url + path, { method, headers, agent, timeout: TIMEOUT_MS }, (response) => {
      const { statusCode = 0 } = response
      response
        .resume()
        .on('error', fail)
        .on('end', () => resolve(statusCode >= 200 && statusCode < 300))
    })
    sent.on('error', fail).on('timeout', () => sent.destroy())
    sent.end(body)
  })

/**
 * Sends requests at an even pace, whether or not those before are answered, and times each from the moment when it was
 * due: a server that stands still is not spared what waits meanwhile. The load library sends all of a second's
 * requests at its beginning.
 */
export const loadAtPace = async ({ url, nth, rate, seconds, connections }: Pace): Promise<Paced> => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const latencies: number[] = []
  const unanswered = new Set<Promise<void>>()
  let errors = 0
  const one = async (index: number, dueAt: number): Promise<void> => {
    if (await send(url, nth(index), agent)) latencies.push(performance.now() - dueAt)
    else errors += 1
  }
  const startedAt = performance.now()
  for (let index = 0; index < rate * seconds; index += 1) {
    const dueAt = startedAt + (index * 1000) / rate
    while (performance.now() < dueAt) await delay(1)
    const answering = one(index, dueAt).finally(() => unanswered.delete(answering))
    unanswered.add(answering)
  }
  await Promise.all(unanswered)
  agent.destroy()
  return { latencies, errors }
}
