import { Counter, Gauge } from 'prom-client'
import type { Metrics } from '../metrics.ts'
import { SeriesHistogram } from '../series-histogram.ts'
import type { OutsideKind } from './error.ts'
import type { CircuitState } from './policies.ts'

/** How a call ended, for counting; `turned-away` never reached the dependency. */
export type Outcome = 'ok' | 'turned-away' | OutsideKind

const STATES: readonly CircuitState[] = ['closed', 'half-open', 'open']
// From an answer on the same machine to what only a job waits for.
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Adds what the calls to the outside show in /metrics: state by dependency, calls by outcome, retries, durations. */
export const createMeters = (
  { registry }: Metrics,
  states: () => Iterable<readonly [string, CircuitState]>,
) => {
  const registers = [registry]
  const calls = new Counter({
    name: 'plinth_outside_calls_total',
    help: 'Calls to the outside by how they ended: ok, refused, unavailable, timed-out, cancelled, turned-away',
    labelNames: ['dependency', 'outcome'],
    registers,
  })
  const retries = new Counter({
    name: 'plinth_outside_retries_total',
    help: 'Attempts at calls to the outside beyond the first',
    labelNames: ['dependency'],
    registers,
  })
  const seconds = new SeriesHistogram({
    name: 'plinth_outside_seconds',
    help: 'Time of calls to the outside with all their attempts, by dependency',
    labelNames: ['dependency'],
    buckets: SECONDS,
    registers,
  })
  new Gauge({
    name: 'plinth_outside_state',
    help: 'Circuit of each dependency: 1 at the state (closed, half-open, open) that it is in, else 0',
    labelNames: ['dependency', 'state'],
    registers,
    collect() {
      for (const [dependency, current] of states())
        for (const state of STATES) this.set({ dependency, state }, state === current ? 1 : 0)
    },
  })
  return {
    count: (dependency: string, outcome: Outcome, ms: number): void => {
      calls.labels(dependency, outcome).inc()
      seconds.series(dependency).observe(ms / 1000)
    },
    retried: (dependency: string): void => retries.labels(dependency).inc(),
  }
}
