import type { Logger } from 'pino'
import type { Metrics } from '../metrics.ts'
import type { Tracer } from '../ports/tracing.ts'
import { createDependency, type Dependency } from './dependency.ts'
import type { OutsideLimits, OutsideSettings } from './limits.ts'
import { createMeters } from './meters.ts'

interface OutsideDeps {
  readonly settings: OutsideSettings
  readonly metrics: Metrics
  readonly log: Logger
  readonly tracer?: Tracer | null
}

/** A part of /ready that never makes the server unready. */
interface OutsideCheck {
  readonly name: string
  readonly essential: false
  /** Rejects while the circuit is not closed. */
  check(): Promise<void>
}

/** The one way to the outside: every call goes through a dependency of this. */
export interface Outside {
  /**
   * The dependency of this name, made when it is first asked for. What its adapter knows to be different is given
   * once, and gives way to the settings for this dependency.
   */
  dependency(name: string, own?: Partial<OutsideLimits>): Dependency
  /** The dependencies so far, for /ready. */
  checks(): OutsideCheck[]
}

const given = (limits: Readonly<Record<string, number | undefined>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(limits).filter((entry): entry is [string, number] => entry[1] !== undefined),
  )

/** Makes the way to the outside for one server. */
export const createOutside = ({ settings, metrics, log, tracer = null }: OutsideDeps): Outside => {
  const known = new Map<string, Dependency>()
  const meters = createMeters(metrics, () =>
    [...known.values()].map((dependency) => [dependency.name, dependency.state()] as const),
  )
  return {
    dependency(name, own = {}) {
      const found = known.get(name)
      if (found) return found
      const limits = { ...settings, ...own, ...given({ ...settings.dependencies[name] }) }
      const made = createDependency(name, { limits, meters, log, tracer })
      known.set(name, made)
      return made
    },
    checks: () =>
      [...known.values()].map((dependency) => ({
        name: dependency.name,
        essential: false,
        async check() {
          const state = dependency.state()
          if (state !== 'closed') throw new Error(`the circuit of ${dependency.name} is ${state}`)
        },
      })),
  }
}
