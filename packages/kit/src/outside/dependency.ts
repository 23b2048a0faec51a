import type { Logger } from 'pino'
import { lazily } from '../lazily.ts'
import type { Span, Tracer } from '../ports/tracing.ts'
import { OutsideError } from './error.ts'
import type { OutsideLimits } from './limits.ts'
import type { createMeters, Outcome } from './meters.ts'
import { type CircuitState, createPolicies, Stopped } from './policies.ts'

/** What one call asks for beyond the limits of its dependency. */
interface CallOptions {
  /** Whether it may be made twice: only such a call is tried again. Left out: no. */
  readonly idempotent?: boolean
  /** Ends the call when the caller gives up, such as `ctx.signal`. */
  readonly signal?: AbortSignal
  /** Ends the call after so many milliseconds, if that is earlier than the dependency's own deadline. */
  readonly deadlineMs?: number
}

/** What an answer is told that it stands on a replacement; a handler's context does it. */
interface Degradable {
  degraded(dependency: string): void
  readonly signal: AbortSignal
  readonly log: Logger
}

/** What a call does. */
type OutsideWork<T> = (signal: AbortSignal, headers: Readonly<Record<string, string>>) => Promise<T>

/** One thing on the outside that we call, with its circuit. */
export interface Dependency {
  readonly name: string
  /** Where its circuit stands. */
  state(): CircuitState
  /**
   * Calls it, under timeout, circuit breaker and bulkhead; a call that may be repeated is tried again. The work must
   * stop when its signal aborts, and says that the dependency understood and declined by throwing a refusal. The headers
   * that it is given take the trace along, where its request is over HTTP.
   * @throws {OutsideError} whatever went wrong.
   */
  call<T>(work: OutsideWork<T>, options?: CallOptions): Promise<T>
  /**
   * Calls it, and where that fails gives the replacement in its place; the answer then carries `x-degraded` with the
   * name of the dependency, and is not kept by the cache.
   */
  orElse<T>(
    ctx: Degradable,
    work: OutsideWork<T>,
    replacement: (error: OutsideError) => T | Promise<T>,
    options?: Omit<CallOptions, 'signal'>,
  ): Promise<T>
}

interface DependencyDeps {
  readonly limits: OutsideLimits
  readonly meters: ReturnType<typeof createMeters>
  readonly log: Logger
  readonly tracer: Tracer | null
}

const NO_HEADERS = {}

type Settled<T> = { readonly value: T } | { readonly refusal: OutsideError }

// A refusal is an answer: the dependency is well, and to ask again would not help.
const settle = async <T>(work: Promise<T>): Promise<Settled<T>> => {
  try {
    return { value: await work }
  } catch (error) {
    if (error instanceof OutsideError && error.kind === 'refused') return { refusal: error }
    throw error
  }
}

const endedBy = (caller: AbortSignal | undefined, deadlineMs: number) => {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), deadlineMs)
  const signal = caller ? AbortSignal.any([caller, deadline.signal]) : deadline.signal
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const stop = () => reject(new Stopped(caller?.aborted ? 'cancelled' : 'timed-out'))
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  const clear = () => {
    clearTimeout(timer)
    // A caller's signal may outlive many calls.
    signal.removeEventListener('abort', stop)
  }
  return { signal, ended, clear }
}

const outcomeOf = (error: unknown, { kind }: OutsideError): Outcome =>
  error instanceof Stopped && (error.why === 'circuit-open' || error.why === 'full') ? 'turned-away' : kind

/** Makes a dependency of its limits; its policies are made with the first call. */
export const createDependency = (
  name: string,
  { limits, meters, log, tracer }: DependencyDeps,
): Dependency => {
  let state: CircuitState = 'closed'
  let openedAt = 0

  const onState = (next: CircuitState): void => {
    if (next === 'open') openedAt = Date.now()
    if (next === 'open') log.warn({ dependency: name, forMs: limits.openMs }, 'circuit opened')
    if (next === 'closed') log.info({ dependency: name }, 'circuit closed')
    state = next
  }
  const load = lazily(() => createPolicies(limits, { onState, onRetry: () => meters.retried(name) }))
  const toError = (error: unknown): OutsideError => {
    if (error instanceof OutsideError) return error
    if (!(error instanceof Stopped)) return new OutsideError(name, 'unavailable', { cause: error })
    const { why } = error
    if (why === 'timed-out' || why === 'cancelled') return new OutsideError(name, why)
    const cause = new Error(why === 'full' ? 'too many calls wait for it' : 'its circuit is open')
    const retryAfterMs = why === 'full' ? 1000 : Math.max(0, openedAt + limits.openMs - Date.now())
    return new OutsideError(name, 'unavailable', { cause, retryAfterMs })
  }

  const attempt = async <T>(work: OutsideWork<T>, options: CallOptions, span?: Span): Promise<T> => {
    const { idempotent = false, signal: caller } = options
    const startedAt = performance.now()
    const count = (outcome: Outcome) => meters.count(name, outcome, performance.now() - startedAt)
    const { signal, ended, clear } = endedBy(
      caller,
      Math.min(limits.deadlineMs, options.deadlineMs ?? Infinity),
    )
    try {
      const attempts = {
        work: (abort: AbortSignal) => settle(work(abort, span?.headers ?? NO_HEADERS)),
        idempotent,
        signal,
        caller,
      }
      const settled = await Promise.race([load().then(({ run }) => run(attempts)), ended])
      if ('refusal' in settled) throw settled.refusal
      count('ok')
      return settled.value
    } catch (cause) {
      const error = toError(cause)
      const outcome = outcomeOf(cause, error)
      count(outcome)
      span?.set({ 'plinth.outcome': outcome })
      // A refusal is an answer, and what its caller gave up is no fault.
      if (outcome !== 'refused' && outcome !== 'cancelled') span?.fail(error.cause ?? error)
      throw error
    } finally {
      clear()
    }
  }

  const traced = { name: `call ${name}`, kind: 'client', attributes: { 'peer.service': name } } as const
  const call: Dependency['call'] = (work, options = {}) =>
    tracer ? tracer.span(traced, (span) => attempt(work, options, span)) : attempt(work, options)

  return {
    name,
    state: () => state,
    call,
    async orElse(ctx, work, replacement, options) {
      try {
        return await call(work, { ...options, signal: ctx.signal })
      } catch (error) {
        if (!(error instanceof OutsideError) || error.kind === 'cancelled') throw error
        ctx.log.warn({ err: error, dependency: name }, 'answered without a dependency')
        ctx.degraded(name)
        return replacement(error)
      }
    },
  }
}
