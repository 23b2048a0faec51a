import { setTimeout as delay } from 'node:timers/promises'

/** One part that a server needs; `essential` ones decide whether it is healthy. */
export interface HealthCheck {
  readonly name: string
  readonly essential: boolean
  check(): Promise<void>
}

interface CheckResult {
  readonly name: string
  readonly state: 'up' | 'down'
  readonly ms: number
}

/** The state of a server: each part with its time, and the whole. */
export interface Health {
  readonly status: 'up' | 'degraded' | 'down'
  readonly checks: readonly CheckResult[]
}

const TIMEOUT_MS = 2000

const run = async ({ name, check }: HealthCheck): Promise<CheckResult> => {
  const startedAt = performance.now()
  const done = new AbortController()
  const late = delay(TIMEOUT_MS, 'late', { signal: done.signal, ref: false }).catch(() => 'late')
  const state = await Promise.race([
    check().then(
      () => 'up',
      () => 'down',
    ),
    late,
  ])
  done.abort()
  return {
    name,
    state: state === 'up' ? 'up' : 'down',
    ms: Math.round((performance.now() - startedAt) * 10) / 10,
  }
}

/** Asks every part at once; one that does not answer within two seconds is down. */
export const readHealth = async (checks: readonly HealthCheck[]): Promise<Health> => {
  const results = await Promise.all(checks.map(run))
  const down = checks.filter((_, index) => results[index]?.state === 'down')
  const status = down.some(({ essential }) => essential) ? 'down' : down.length > 0 ? 'degraded' : 'up'
  return { status, checks: results }
}
