import { LockBusyError } from '@plinth/kit'

interface Waiter {
  go(): void
}

const MOST_WAITING = 1000

/** Lets those of this process take turns at a key, in the order in which they came. */
export const createTurns = () => {
  const queues = new Map<string, Waiter[]>()

  const leave = (key: string): void => {
    const next = queues.get(key)?.shift()
    if (next) next.go()
    else queues.delete(key)
  }

  const wait = (key: string, queue: Waiter[], waitMs: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const waiter: Waiter = {
        go() {
          clearTimeout(timer)
          resolve()
        },
      }
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(waiter), 1)
        reject(new LockBusyError(key))
      }, waitMs)
      queue.push(waiter)
    })

  return {
    /** Waits for the turn; answers what ends it. */
    async take(key: string, waitMs: number): Promise<() => void> {
      const queue = queues.get(key)
      if (!queue) queues.set(key, [])
      else if (waitMs <= 0 || queue.length >= MOST_WAITING) throw new LockBusyError(key)
      else await wait(key, queue, waitMs)
      return () => leave(key)
    },
  }
}
