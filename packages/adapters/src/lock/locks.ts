import { setTimeout as delay } from 'node:timers/promises'
import { type Lease, LockBusyError, LockLostError, type LockOptions, type Locks } from '@plinth/kit'
import { createTurns } from './turns.ts'

/** Where it stands who holds a lock. */
export interface LockStore {
  /** The fence of the new holder, or null while there is another one. */
  acquire(key: string, ttlMs: number): Promise<number | null>
  /** False when somebody else has it, or nobody. */
  extend(key: string, fence: number, ttlMs: number): Promise<boolean>
  release(key: string, fence: number): Promise<void>
}

const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 200

/** Asks again and again, ever more seldom, until the lock is free or the time is over. */
const acquire = async (store: LockStore, key: string, ttlMs: number, deadline: number) => {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const askedAt = performance.now()
    const fence = await store.acquire(key, ttlMs)
    if (fence !== null) return { fence, until: askedAt + ttlMs }
    const left = deadline - performance.now()
    if (left <= 0) throw new LockBusyError(key)
    await delay(Math.min(left, pause * (0.5 + Math.random() / 2)))
  }
}

/** Extends a lock until it is told to stop, and tells through the signal when the lock is lost. */
const keep = (store: LockStore, key: string, ttlMs: number, held: { fence: number; until: number }) => {
  const lost = new AbortController()
  const lose = (): void => {
    stop()
    lost.abort(new LockLostError(key))
  }
  // The moment up to which it is surely ours, counted from when we asked and not from when we were told.
  let expiry = setTimeout(lose, held.until - performance.now())
  const extend = async (): Promise<void> => {
    const askedAt = performance.now()
    // Without an answer it is ours until its time is over.
    const extended = await store.extend(key, held.fence, ttlMs).catch(() => null)
    if (lost.signal.aborted || extended === null) return
    if (!extended) return lose()
    clearTimeout(expiry)
    if (!stopped) expiry = setTimeout(lose, askedAt + ttlMs - performance.now())
  }
  let stopped = false
  const timer = setInterval(() => void extend(), ttlMs / 3)
  const stop = (): void => {
    stopped = true
    clearInterval(timer)
    clearTimeout(expiry)
  }
  return { signal: lost.signal, stop }
}

/** Locks over a store. Those of this process wait for each other in line, and only the first of them asks the store. */
export const createLocks = (store: LockStore): Locks => {
  const turns = createTurns()

  const hold = async <R>(
    key: string,
    ttlMs: number,
    held: { fence: number; until: number },
    work: (lease: Lease) => Promise<R>,
  ): Promise<R> => {
    const { signal, stop } = keep(store, key, ttlMs, held)
    try {
      const result = await work({ fence: held.fence, signal })
      signal.throwIfAborted()
      return result
    } finally {
      stop()
      // What can't be released ends by itself when its time is over.
      await store.release(key, held.fence).catch(() => undefined)
    }
  }

  return {
    async withLock<R>(
      key: string,
      { ttlMs, waitMs = ttlMs }: LockOptions,
      work: (lease: Lease) => Promise<R>,
    ): Promise<R> {
      const deadline = performance.now() + waitMs
      const leave = await turns.take(key, waitMs)
      try {
        return await hold(key, ttlMs, await acquire(store, key, ttlMs, deadline), work)
      } finally {
        leave()
      }
    },
  }
}
