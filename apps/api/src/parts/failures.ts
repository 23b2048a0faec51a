import type { FailureRecorder } from '@plinth/core'
import type { Metrics } from '@plinth/kit'
import { Counter } from 'prom-client'
import type { Settings } from '../settings.ts'
import type { Look } from './monitor.ts'

interface FailureDeps {
  readonly recorder: FailureRecorder
  readonly metrics: Metrics
  readonly thresholds: () => Settings['alerts']
}

const WINDOW_MS = 60_000
const NEW_FOR_MS = 3_600_000
const MOST_NEW = 100

/** Writes failures down, counts them, and tells of causes that are new and of a rate that is too high. */
export const lookAtFailures = ({ recorder, metrics, thresholds }: FailureDeps): Look => {
  const total = new Counter({
    name: 'plinth_failures_total',
    help: 'Errors that nobody handled, as the table of failures counts them',
    registers: [metrics.registry],
  })
  let recent: { at: number; occurred: number }[] = []
  const fresh = new Map<string, { at: number; summary: string }>()
  return {
    name: 'failures',
    everyMs: 0,
    async look(now) {
      const at = now.getTime()
      const flushed = await recorder.flush()
      total.inc(flushed.occurred)
      recent = [...recent, { at, occurred: flushed.occurred }].filter((each) => each.at > at - WINDOW_MS)
      for (const { cause, message } of flushed.fresh)
        if (fresh.size < MOST_NEW) fresh.set(cause, { at, summary: `A new failure: ${message}` })
      const rate = recent.reduce((sum, { occurred }) => sum + occurred, 0)
      const verdicts = [...fresh].map(([cause, { at: since, summary }]) => ({
        condition: `failure.${cause.slice(0, 16)}`,
        holds: at - since < NEW_FOR_MS,
        summary,
      }))
      for (const [cause, { at: since }] of fresh) if (at - since >= NEW_FOR_MS) fresh.delete(cause)
      return [
        ...verdicts,
        {
          condition: 'failures.frequent',
          holds: rate > thresholds().failuresPerMinute,
          summary: `${rate} unhandled errors within a minute`,
        },
      ]
    },
  }
}
