import type { Logger } from 'pino'
import type { Metrics } from './metrics.ts'
import type { Clock, LimitRule } from './ports.ts'
import { watchState } from './watch-parts.ts'

/** How busy a process is at a moment. */
interface Pressure {
  /** How late the event loop was of late, in milliseconds. */
  readonly delayMs: number
  /** Requests at work as a share of the most that may be. */
  readonly inFlightShare: number
}

/** When a process counts as under strain; it is over at half of either. */
interface StrainSettings extends Pressure {
  readonly on: boolean
  /** How long pressure must last for each step down. */
  readonly forMs: number
  /** How long there must be none for each step back. */
  readonly calmMs: number
}

type Limits = Readonly<Record<string, LimitRule>> & { readonly default: LimitRule }

/** Shrinks limits step by step while a process is under strain, and lets them grow back when it is over. */
export interface Strain {
  /** Takes note of how busy the process is; what follows from it holds until the next note. */
  note(pressure: Pressure): void
  /** The limits in force: the same object for as long as nothing changes. */
  limits(configured: Limits): Limits
}

interface StrainDeps {
  readonly settings: StrainSettings
  readonly clock: Clock
  readonly metrics: Metrics
  readonly log: Logger
}

/** What is left of a limit at each step. */
const STEPS = [1, 0.5, 0.25, 0.1] as const

const underStrain = (rule: LimitRule, share: number): LimitRule => {
  const of = rule.strained ?? 'anonymous'
  return of === 'nobody' ? rule : { ...rule, reduced: { share, of } }
}

/** Which way the step should go after a note, and since when that is so. */
const createTrend = ({ delayMs, inFlightShare, forMs, calmMs }: StrainSettings) => {
  let strainedSince: number | undefined
  let calmSince: number | undefined
  return (pressure: Pressure, now: number): -1 | 0 | 1 => {
    const over = (share: number) =>
      pressure.delayMs >= delayMs * share || pressure.inFlightShare >= inFlightShare * share
    // Between half and whole neither holds, so that the step does not go to and fro.
    strainedSince = over(1) ? (strainedSince ?? now) : undefined
    calmSince = over(0.5) ? undefined : (calmSince ?? now)
    if (strainedSince !== undefined && now - strainedSince >= forMs) {
      strainedSince = now
      return 1
    }
    if (calmSince !== undefined && now - calmSince >= calmMs) {
      calmSince = now
      return -1
    }
    return 0
  }
}

/** Watches over the limits of one process. */
export const createStrain = ({ settings, clock, metrics, log }: StrainDeps): Strain => {
  const trendOf = createTrend(settings)
  let step = 0
  let last: Pressure = { delayMs: 0, inFlightShare: 0 }
  let made: { from: Limits; limits: Limits } | undefined
  const share = (): number => STEPS[step] ?? 1
  watchState(metrics, {
    name: 'plinth_strain',
    help: 'How busy the process is (delayMs, inFlightShare), how far limits have been shrunk (step 0 to 3), and what is left of them (share)',
    read: async () => ({ ...last, step, share: share() }),
  })
  return {
    note(pressure) {
      last = pressure
      if (!settings.on) return
      const next = Math.min(STEPS.length - 1, Math.max(0, step + trendOf(pressure, clock.now().getTime())))
      if (next === step) return
      if (next > step) log.warn({ ...pressure, share: STEPS[next] }, 'under strain: limits are shrunk')
      else log.info({ ...pressure, share: STEPS[next] }, 'less strain: limits grow back')
      step = next
      made = undefined
    },
    limits(configured) {
      if (step === 0) return configured
      if (made?.from !== configured) {
        const rules = Object.entries(configured).map(
          ([group, rule]) => [group, underStrain(rule, share())] as const,
        )
        made = { from: configured, limits: { ...configured, ...Object.fromEntries(rules) } }
      }
      return made.limits
    },
  }
}
