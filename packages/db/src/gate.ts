import { PoolTimeoutError } from './errors.ts'

/** Lets a number of holders in at a time, the others in the order in which they came. */
export interface Gate {
  /** Resolves with the function that leaves; rejects with `PoolTimeoutError` when none came free in time. */
  enter(): Promise<() => void>
  readonly inside: number
  readonly waiting: number
}

/** Makes a gate that lets one through at a time, in the order of asking. */
export const createGate = (size: number, timeoutMs: number, what: string): Gate => {
  const queue = new Set<() => void>()
  let inside = 0

  const leaveOnce = () => {
    let left = false
    return () => {
      if (left) return
      left = true
      inside -= 1
      const next = queue.values().next()
      if (!next.done) next.value()
    }
  }

  const admit = () => {
    inside += 1
    return leaveOnce()
  }

  return {
    enter() {
      if (inside < size && queue.size === 0) return Promise.resolve(admit())
      return new Promise((resolve, reject) => {
        const proceed = () => {
          clearTimeout(timer)
          queue.delete(proceed)
          resolve(admit())
        }
        const timer = setTimeout(() => {
          queue.delete(proceed)
          reject(new PoolTimeoutError(`no ${what} came free within ${timeoutMs} ms`))
        }, timeoutMs)
        queue.add(proceed)
      })
    },
    get inside() {
      return inside
    },
    get waiting() {
      return queue.size
    },
  }
}
