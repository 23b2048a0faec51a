import type { Metrics } from '@plinth/kit'

/** Bounds the work in flight: what comes beyond it is refused at once instead of waiting in a queue without end. */
export interface Gate {
  /** Whether a request may come in; what may not is counted as shed. */
  admits(url: string): boolean
  /** Counts what begins, until what it answers is called. */
  enter(): () => void
  /** Counts the work until it is done. */
  hold<T>(work: () => Promise<T>): Promise<T>
  inFlight(): number
}

// Those who watch the server must be answered above all when it is busy.
/** Whether it is asked by those who watch the server. */
export const isProbe = (url: string): boolean => /^\/(health|ready|metrics)\/?(\?|$)/.test(url)

/** Makes the gate of one server. */
export const createGate = (maxInFlight: number, metrics: Metrics): Gate => {
  let inFlight = 0
  return {
    admits(url) {
      if (inFlight < maxInFlight || isProbe(url)) return true
      metrics.shed.inc()
      return false
    },
    enter() {
      let inside = true
      inFlight++
      return () => {
        if (inside) inFlight--
        inside = false
      }
    },
    async hold(work) {
      inFlight++
      try {
        return await work()
      } finally {
        inFlight--
      }
    },
    inFlight: () => inFlight,
  }
}
