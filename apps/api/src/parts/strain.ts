import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Clock, createStrain, type Log, type Metrics, type Strain, systemClock } from '@plinth/kit'
import type { Settings } from '../settings.ts'

interface StrainDeps {
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/** The strain of a process, with what looks at it. */
export interface WatchedStrain extends Strain {
  /** Looks again and again from now on. */
  watch(inFlight: () => number): void
  stop(): void
}

const LOOK_MS = 1000
const RESOLUTION_MS = 20

/** Limits that follow how busy the process is. */
export const openStrain = (settings: Settings, { clock, log, metrics }: StrainDeps): WatchedStrain => {
  const { strain: thresholds, http } = settings
  const strain = createStrain({ settings: thresholds, clock, metrics, log: log.module('limits') })
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  let timer: NodeJS.Timeout | undefined
  return {
    ...strain,
    watch(inFlight) {
      // Who has the time in his hands says himself how busy the process is.
      if (clock !== systemClock) return
      delays.enable()
      const look = (): void => {
        // What is measured is the time between two turns of a timer, so its own interval is no delay.
        const delayMs = Math.max(0, delays.mean / 1e6 - RESOLUTION_MS)
        delays.reset()
        strain.note({
          delayMs: Number.isFinite(delayMs) ? delayMs : 0,
          inFlightShare: inFlight() / http.maxInFlight,
        })
      }
      timer ??= setInterval(look, LOOK_MS).unref()
    },
    stop() {
      clearInterval(timer)
      timer = undefined
      delays.disable()
    },
  }
}
