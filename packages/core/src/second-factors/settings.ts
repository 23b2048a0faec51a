import type { AttemptRules } from './attempts.ts'

/** How second factors are enrolled and guarded. Times are milliseconds. */
export interface SecondFactorSettings {
  /** The name that apps show above the codes. */
  readonly issuer: string
  /** How long an enrolment waits to be confirmed. */
  readonly enrolmentMs: number
  /** Wrong tries at codes, and at proving who somebody is. */
  readonly attempts: AttemptRules
}
