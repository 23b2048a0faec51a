import type { AppRouter } from '@plinth/contract'
import { type Operation, type OperationResultObserver, TRPCClientError, type TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import { NetworkFailure, reach, readJson } from './answers.ts'
import { type AnswerCheck, checkValue } from './checks.ts'
import { type CallError, toCallError } from './errors.ts'
import { readEvents, type StreamEvent } from './event-stream.ts'
import { isPassing, jitter, pause, type ReconnectOptions } from './retries.ts'
import { bearer } from './session.ts'
import { isStale } from './session-link.ts'
import { randomKey, type Trace, traced } from './trace.ts'
import type { TransportOptions } from './transport.ts'

/** What a subscription is followed with. */
export interface StreamOptions extends TransportOptions {
  readonly reconnect: Required<ReconnectOptions>
  readonly check: AnswerCheck | undefined
}

/** Who is told of a subscription's values and states. */
export type StreamObserver = OperationResultObserver<AppRouter, unknown>

/** The input of a subscription that goes on after the last value that was seen. */
export const resumed = (input: unknown, lastEventId: string | undefined): unknown =>
  lastEventId === undefined ? input : { ...(input as object | undefined), lastEventId }

/** One subscription over all of its connections. */
interface Following {
  readonly op: Operation
  readonly options: StreamOptions
  readonly observer: StreamObserver
  readonly signal: AbortSignal
  readonly trace: Trace
  lastEventId: string | undefined
  /** Connections in a row that gave nothing. */
  failures: number
  /** Whether a token was renewed since the last value: a second refusal is told. */
  renewed: boolean
}

const tellState = (
  { observer }: Following,
  state: 'connecting' | 'pending',
  error: CallError | null,
): void => {
  if (state === 'pending') observer.next({ result: { type: 'started' } })
  observer.next({ result: { type: 'state', state, error: state === 'pending' ? null : error } as never })
}

const open = async ({ op, options, trace, lastEventId }: Following, signal: AbortSignal) => {
  const { trpcUrl, headers, session, fetch } = options
  const input = JSON.stringify(resumed(op.input, lastEventId))
  const query = input === undefined ? '' : `?input=${encodeURIComponent(input)}`
  trace.requestId = randomKey()
  const all = traced([{ ...op, context: { trace } }], { ...(await headers()), ...bearer(session) })
  const init: RequestInit = { headers: { ...all, accept: 'text/event-stream' }, cache: 'no-store', signal }
  const response = await reach(() => fetch(`${trpcUrl}/${op.path}${query}`, init))
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  if (response.ok && isStream && response.body) return response.body
  throw TRPCClientError.from<AppRouter>((await readJson(response)) as object, { meta: { response } })
}

/** Ends a connection that was quiet for too long: a cable that was pulled says nothing. */
const watchdog = (cut: () => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let limitMs = 0
  const feed = (): void => {
    clearTimeout(timer)
    if (limitMs > 0) timer = setTimeout(cut, limitMs)
  }
  return {
    feed,
    limit(ms: number): void {
      limitMs = ms
      feed()
    },
    stop: () => clearTimeout(timer),
  }
}

const give = (following: Following, { data, id }: StreamEvent): void => {
  const value: unknown = JSON.parse(data)
  checkValue(following.options.check, following.op.path, value, following.trace)
  following.failures = 0
  following.renewed = false
  if (id) following.lastEventId = id
  following.observer.next({ result: id ? { id, data: { id, data: value } } : { data: value } })
}

/** Follows one connection; true when the server says that there is no more. */
const follow = async (following: Following): Promise<boolean> => {
  const connection = new AbortController()
  const cut = () => connection.abort()
  following.signal.addEventListener('abort', cut, { once: true })
  const alive = watchdog(cut)
  try {
    const events = readEvents(await open(following, connection.signal))
    for (;;) {
      const { done, value: event } = await reach(() => events.next())
      if (done) throw new NetworkFailure('The stream broke off')
      alive.feed()
      if (event.type === 'return') return true
      if (event.type === 'serialized-error')
        throw TRPCClientError.from<AppRouter>({ error: JSON.parse(event.data) as never })
      if (event.type === 'ping') following.failures = 0
      if (event.type === 'message') give(following, event)
      if (event.type !== 'connected') continue
      const { reconnectAfterInactivityMs = 0 } = JSON.parse(event.data) as Record<string, number>
      alive.limit(reconnectAfterInactivityMs)
      tellState(following, 'pending', null)
    }
  } finally {
    alive.stop()
    following.signal.removeEventListener('abort', cut)
    cut()
  }
}

/** What to do after a connection failed: wait and connect again, or give the error to the caller. */
const recover = async (following: Following, cause: unknown, generation: number): Promise<void> => {
  const { session, reconnect } = following.options
  const error = toCallError(cause, following.trace)
  const refused = isStale(error)
  if (refused && !following.renewed && (await session.renew(generation))) {
    following.renewed = true
    return
  }
  following.failures += 1
  if (refused || !isPassing(error) || following.failures >= reconnect.tries) throw error
  tellState(following, 'connecting', error)
  await pause(jitter(following.failures, reconnect), following.signal)
}

const run = async (following: Following): Promise<void> => {
  const { signal, observer, options } = following
  tellState(following, 'connecting', null)
  while (!signal.aborted) {
    const generation = options.session.generation()
    try {
      if (await follow(following)) break
    } catch (cause) {
      if (!signal.aborted) await recover(following, cause, generation)
    }
  }
  observer.next({ result: { type: 'stopped' } })
  observer.complete()
}

/**
 * Subscriptions as event streams that are read with fetch: it is everywhere, and it can send a token. A connection
 * that was lost is made again after the last value that was seen, and a token that is too old is renewed.
 */
export const eventStreams =
  (options: StreamOptions): TRPCLink<AppRouter> =>
  () =>
  ({ op }) =>
    observable((observer) => {
      const stop = new AbortController()
      const leave = () => stop.abort(op.signal?.reason)
      if (op.signal?.aborted) leave()
      else op.signal?.addEventListener('abort', leave, { once: true })
      const trace: Trace = { requestId: randomKey() }
      const fixed = { op, options, observer, signal: stop.signal, trace }
      run({ ...fixed, lastEventId: undefined, failures: 0, renewed: false }).catch((cause: unknown) => {
        if (stop.signal.aborted) observer.complete()
        else observer.error(toCallError(cause, trace))
      })
      return () => {
        op.signal?.removeEventListener('abort', leave)
        stop.abort()
      }
    })
