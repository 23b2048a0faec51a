import type { OutsideLimits } from './limits.ts'

/** Where a circuit stands: calls pass, calls are turned away, or one call finds out whether they may pass again. */
export type CircuitState = 'closed' | 'open' | 'half-open'

/** One call as the policies run it. */
interface Attempts<T> {
  work(signal: AbortSignal): Promise<T>
  readonly idempotent: boolean
  /** Ends the call: the caller gave up, or its deadline has come. */
  readonly signal: AbortSignal
  /** The caller's own signal: what it ends says nothing about the dependency. */
  readonly caller: AbortSignal | undefined
}

/** Why a call was not made, or not ended. */
export type Stop = 'circuit-open' | 'full' | 'timed-out' | 'cancelled'

/** What the policies themselves end a call with. */
export class Stopped extends Error {
  readonly why: Stop
  constructor(why: Stop) {
    super(why)
    this.why = why
  }
}

interface Hooks {
  onState(state: CircuitState): void
  onRetry(): void
}

/**
 * The policies of one dependency, from the outside in: retry, bulkhead, circuit breaker, timeout. The bulkhead stands
 * around the breaker, so that what is turned away for lack of room does not count as a failure of the dependency, and
 * so that those who wait for the probe of a half-open circuit are bounded. The library is loaded with the first call.
 */
export const createPolicies = async (limits: OutsideLimits, hooks: Hooks) => {
  const lib = await import('cockatiel')
  const STATES: Readonly<Record<number, CircuitState>> = {
    [lib.CircuitState.Closed]: 'closed',
    [lib.CircuitState.Open]: 'open',
    [lib.CircuitState.HalfOpen]: 'half-open',
  }
  const isCancelled = (error: unknown): boolean => error instanceof Stopped && error.why === 'cancelled'
  // A probe that its caller gave up has proven nothing: the circuit opens again. Elsewhere it does not count.
  const counts = lib.handleWhen(
    (error): boolean => !isCancelled(error) || breaker.state === lib.CircuitState.HalfOpen,
  )
  const { windowCalls, minimumCalls, failureRatio } = limits
  const breaker = lib.circuitBreaker(counts, {
    halfOpenAfter: limits.openMs,
    breaker: new lib.CountBreaker({
      threshold: failureRatio,
      size: Math.max(windowCalls, minimumCalls),
      minimumNumberOfCalls: minimumCalls,
    }),
  })
  breaker.onStateChange((state) => hooks.onState(STATES[state] ?? 'open'))
  const bulkhead = lib.bulkhead(limits.concurrency, limits.queue)
  // Not aborted on return: an answer may be a stream that is still read.
  const timeout = lib.timeout(limits.timeoutMs, {
    strategy: lib.TimeoutStrategy.Aggressive,
    abortOnReturn: false,
  })
  const retry = lib.retry(
    lib.handleWhen((error) => !(error instanceof Stopped) || error.why === 'timed-out'),
    {
      maxAttempts: limits.retries,
      backoff: new lib.ExponentialBackoff({
        initialDelay: limits.backoffMs,
        maxDelay: limits.maxBackoffMs,
      }),
    },
  )
  retry.onRetry(hooks.onRetry)

  const timed = async <T>({ work, signal, caller }: Attempts<T>): Promise<T> => {
    try {
      return await timeout.execute((context) => work(context.signal), signal)
    } catch (error) {
      if (caller?.aborted) throw new Stopped('cancelled')
      throw lib.isTaskCancelledError(error) ? new Stopped('timed-out') : error
    }
  }
  const guarded = async <T>(attempts: Attempts<T>): Promise<T> => {
    const { signal } = attempts
    try {
      return await bulkhead.execute(() => breaker.execute(() => timed(attempts), signal), signal)
    } catch (error) {
      if (lib.isBrokenCircuitError(error)) throw new Stopped('circuit-open')
      if (lib.isBulkheadRejectedError(error)) throw new Stopped('full')
      throw lib.isTaskCancelledError(error) ? new Stopped('cancelled') : error
    }
  }
  return {
    run: <T>(attempts: Attempts<T>): Promise<T> =>
      attempts.idempotent ? retry.execute(() => guarded(attempts), attempts.signal) : guarded(attempts),
  }
}
