import type { AppRouter } from '@plinth/contract'
import type { Operation, OperationResultEnvelope, TRPCClientError, TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import { type AnswerCheck, checkValue } from './checks.ts'
import { responseOf, toCallError } from './errors.ts'
import { pause, type RetryOptions, retriesOf } from './retries.ts'
import { type Connection, contextOf, randomKey, type Trace } from './trace.ts'

interface CallOptions {
  readonly connection: Connection
  readonly timeoutMs: number
  readonly retry: RetryOptions | false | undefined
  readonly check: AnswerCheck | undefined
}

type Failed = TRPCClientError<AppRouter>
type Envelope = OperationResultEnvelope<unknown, Failed>
type Next = Parameters<ReturnType<TRPCLink<AppRouter>>>[0]['next']

// The longest that a timer can wait; beyond it, it would end at once.
const LONGEST_MS = 2 ** 31 - 1

/** What one call needs before it is made: its key, which stays its own when it is made again, and its request id. */
const complete = (op: Operation, trace: Trace): Operation => {
  const key = op.type === 'mutation' ? { idempotencyKey: randomKey() } : {}
  return { ...op, context: { ...key, ...op.context, trace } }
}

const once = (op: Operation, next: Next, signal: AbortSignal): Promise<Envelope> =>
  new Promise((resolve, reject) => {
    const give = () => {
      sent.unsubscribe()
      reject(signal.reason as Error)
    }
    const done = () => signal.removeEventListener('abort', give)
    const sent = next({ ...op, signal }).subscribe({
      next: (envelope) => {
        done()
        resolve(envelope)
      },
      error: (error) => {
        done()
        reject(error)
      },
    })
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })

const timeoutOf = (op: Operation, shared: number): number =>
  // How long a file takes depends on its size.
  contextOf(op).timeoutMs ?? (op.input instanceof FormData ? Number.POSITIVE_INFINITY : shared)

/** One signal for all that ends a call: the caller's own, and the time that it may take. */
const limits = (op: Operation, trace: Trace, timeoutMs: number) => {
  const stop = new AbortController()
  const end = (reason: 'abort' | 'timeout', cause: unknown): void => {
    trace.reason = reason
    stop.abort(cause)
  }
  const given = op.signal
  const onAbort = () => end('abort', given?.reason)
  if (given?.aborted) onAbort()
  else given?.addEventListener('abort', onAbort, { once: true })
  const late = () => end('timeout', new DOMException(`No answer within ${timeoutMs} ms`, 'TimeoutError'))
  const timer = timeoutMs > LONGEST_MS ? undefined : setTimeout(late, timeoutMs)
  return {
    signal: stop.signal,
    leave(): void {
      clearTimeout(timer)
      given?.removeEventListener('abort', onAbort)
      stop.abort()
    },
  }
}

const answer = async (op: Operation, next: Next, options: CallOptions, trace: Trace, signal: AbortSignal) => {
  const waitBefore = retriesOf(op, options.retry)
  const deadline = performance.now() + timeoutOf(op, options.timeoutMs)
  for (let tries = 1; ; tries++) {
    try {
      const envelope = await once(op, next, signal)
      if ('data' in envelope.result && !envelope.context?.unchecked)
        checkValue(options.check, op.path, envelope.result.data, trace)
      return envelope
    } catch (cause) {
      const error = toCallError(cause, trace)
      const wait = signal.aborted ? null : waitBefore(error, tries, responseOf(error)?.headers)
      if (wait === null || performance.now() + wait > deadline) throw error
      await pause(wait, signal)
    }
  }
}

/**
 * Makes a call what a caller wants it to be: tried again where that is safe, given up in time or when asked to,
 * held to the contract where wished, and with an error that says why and under which request id.
 */
export const callLink =
  (options: CallOptions): TRPCLink<AppRouter> =>
  () =>
  ({ op, next }) => {
    if (op.type === 'subscription') return next(op)
    return observable((observer) => {
      const trace: Trace = { requestId: randomKey() }
      const call = complete(op, trace)
      contextOf(op).onConnection?.(options.connection)
      const { signal, leave } = limits(op, trace, timeoutOf(op, options.timeoutMs))
      answer(call, next, options, trace, signal)
        .then((envelope) => {
          observer.next(envelope)
          observer.complete()
        })
        .catch((cause: unknown) => observer.error(toCallError(cause, trace)))
        .finally(leave)
      return leave
    })
  }
