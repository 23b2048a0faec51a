import { setTimeout as delay } from 'node:timers/promises'
import type { CacheRule } from '@plinth/contract'
import type { Cache, CacheEntry, Clock } from '../ports.ts'
import { etagOf } from './etag.ts'

/** A computed answer; `degraded` names the parts that it does without. */
interface Made {
  readonly json: string
  readonly degraded?: string
}

type Filled = CacheEntry & Pick<Made, 'degraded'>

/** What is missing: under which key, by which rule, how it is made, and when whoever asks first has gone. */
interface Missing {
  readonly key: string
  readonly rule: Pick<CacheRule, 'seconds' | 'tags'>
  readonly signal: AbortSignal
  /** Computes also where an answer is kept. */
  readonly anew?: boolean
  make(): Promise<Made>
}

interface Flight {
  readonly answer: Promise<Filled>
  readonly signal: AbortSignal
}

// A process that computes is waited for so long, and then not any more: two answers are better than none.
const CLAIM_MS = 5000
const WAIT_MS = 1000
const FIRST_PAUSE_MS = 5

const entryOf = (made: Made): Filled => ({ ...made, etag: etagOf(made.json) })

/** Waits while another process computes: its answer, or the claim to compute, or neither when that takes too long. */
const waitForOther = async (
  cache: Cache,
  look: () => CacheEntry | undefined | Promise<CacheEntry | undefined>,
  claimKey: string,
) => {
  const deadline = performance.now() + WAIT_MS
  for (let pause = FIRST_PAUSE_MS; performance.now() < deadline; pause *= 2) {
    await delay(Math.min(pause, deadline - performance.now()))
    const entry = await look()
    if (entry) return { entry }
    const done = await cache.claim?.(claimKey, CLAIM_MS)
    if (done) return { done }
  }
  return {}
}

/** The answer of another's flight. A failure is everybody's, unless it is that whoever began went away: then nothing. */
const join = async ({ answer, signal }: Flight): Promise<Filled | null> => {
  try {
    return await answer
  } catch (error) {
    if (signal.aborted) return null
    throw error
  }
}

/**
 * Makes what computes a missing answer once for all who wait for it: in this process they share one promise, and
 * processes with one store take turns. Only those join that saw the tags in the same state: who asks after a write is
 * not given what was begun before it.
 */
export const createFill = ({ cache, clock }: { readonly cache: Cache; readonly clock: Clock }) => {
  const flights = new Map<string, Flight>()

  const compute = async ({ key, rule, make }: Missing, mark: string): Promise<Filled> => {
    const entry = entryOf(await make())
    // What does without a part is given once: the next caller may find that part again.
    if (entry.degraded !== undefined) return entry
    const expiresAt = clock.now().getTime() + rule.seconds * 1000
    await cache.set(key, entry, { tags: rule.tags, expiresAt, mark })
    return entry
  }

  const computeOnce = async (missing: Missing, mark: string): Promise<Filled> => {
    if (!cache.claim) return compute(missing, mark)
    const { key, rule, anew } = missing
    const claimKey = `${key}|${mark}`
    const look = () => cache.get(key, clock.now().getTime(), rule.tags)
    const own = await cache.claim(claimKey, CLAIM_MS)
    const { entry, done } = own ? { done: own } : await waitForOther(cache, look, claimKey)
    if (entry) return entry
    try {
      // Whoever had the claim before may have computed it since it was missed.
      return (anew ? undefined : await look()) ?? (await compute(missing, mark))
    } finally {
      await done?.()
    }
  }

  const launch = (missing: Missing, mark: string, name: string): Flight => {
    const answer = computeOnce(missing, mark).finally(() => flights.delete(name))
    const flight = { answer, signal: missing.signal }
    flights.set(name, flight)
    return flight
  }

  const attempt = async (missing: Missing): Promise<Filled | null> => {
    const marked = cache.mark(missing.rule.tags)
    const mark = marked instanceof Promise ? await marked : marked
    // The store is away, and with it the word on what was written meanwhile: nobody can share.
    if (mark === undefined) return entryOf(await missing.make())
    const name = `${missing.key}|${mark}`
    const running = flights.get(name)
    return running ? join(running) : launch(missing, mark, name).answer
  }

  return async (missing: Missing): Promise<Filled> => {
    let entry: Filled | null = null
    while (!entry) entry = await attempt(missing)
    return entry
  }
}
