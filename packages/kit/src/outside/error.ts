/**
 * How a call to the outside ended badly: no useful answer, none in time, an answer that says no, or a caller that
 * did not wait for it.
 */
export type OutsideKind = 'unavailable' | 'timed-out' | 'refused' | 'cancelled'

interface OutsideErrorOptions {
  readonly cause?: unknown
  /** When it may be worth to try again, in milliseconds; left out: a second. */
  readonly retryAfterMs?: number
  /** A refusal that the same call would get again. */
  readonly permanent?: boolean
}

const SAID: Readonly<Record<OutsideKind, string>> = {
  unavailable: 'is unavailable',
  'timed-out': 'did not answer in time',
  refused: 'refused',
  cancelled: 'was not waited for',
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? `: ${cause.message}` : '')

/** What every failed call to the outside rejects with. Where it ends a request, the answer is 503 with Retry-After. */
export class OutsideError extends Error {
  override readonly name = 'OutsideError'
  /** Whom the call was for, such as `mail`. */
  readonly dependency: string
  readonly kind: OutsideKind
  readonly retryAfterMs: number
  readonly permanent: boolean

  constructor(dependency: string, kind: OutsideKind, options: OutsideErrorOptions = {}) {
    const { cause, retryAfterMs = 1000, permanent = false } = options
    super(`${dependency} ${SAID[kind]}${reasonOf(cause)}`, cause === undefined ? undefined : { cause })
    this.dependency = dependency
    this.kind = kind
    this.retryAfterMs = retryAfterMs
    this.permanent = permanent
  }
}

/** Whether to try again is in vain: a job that fails of such an error is given up at once. */
export const isPermanent = (error: unknown): boolean => error instanceof OutsideError && error.permanent
