import type { AppRouter } from '@plinth/contract'
import {
  createWSClient,
  type Operation,
  TRPCClientError,
  type TRPCLink,
  type TRPCWebSocketClient,
  wsLink,
} from '@trpc/client'
import { observable, type Unsubscribable } from '@trpc/server/observable'
import { NetworkFailure } from './answers.ts'
import { checkValue } from './checks.ts'
import { toCallError } from './errors.ts'
import { jitter } from './retries.ts'
import { bearer } from './session.ts'
import { isStale } from './session-link.ts'
import { resumed, type StreamObserver, type StreamOptions } from './streams.ts'
import type { Trace } from './trace.ts'

/** A class like the browser's WebSocket, such as the one of the package `ws`. */
export type WebSocketClass = new (url: string, protocols?: string | string[]) => object

/** One connection and those who use it; it is closed when the last of them leaves. */
interface Socket {
  readonly client: TRPCWebSocketClient
  readonly generation: number
  readonly users: Set<(error: Error) => void>
}

type SocketOptions = StreamOptions & { readonly WebSocket: WebSocketClass }

const createSocket = (options: SocketOptions): Socket => {
  const { trpcUrl, mode, session, reconnect, WebSocket } = options
  const users: Socket['users'] = new Set()
  const client = createWSClient({
    url: `${trpcUrl.replace(/^http/, 'ws')}-ws`,
    WebSocket: WebSocket as never,
    connectionParams: mode === 'token' ? async () => bearer(session) : null,
    // A cable that was pulled says nothing.
    keepAlive: { enabled: true, intervalMs: 20_000, pongTimeoutMs: 10_000 },
    retryDelayMs(attempt) {
      if (attempt >= reconnect.tries)
        for (const fail of users) fail(new NetworkFailure('The server was not reached over WebSocket'))
      return jitter(attempt + 1, reconnect)
    },
  })
  return { client, generation: session.generation(), users }
}

/** Sockets by who calls: a connection keeps the token that it was opened with. */
const createSockets = (options: SocketOptions) => {
  let current: Socket | null = null
  return {
    join(fail: (error: Error) => void): Socket {
      if (current?.generation !== options.session.generation()) current = createSocket(options)
      current.users.add(fail)
      return current
    },
    leave(socket: Socket, fail: (error: Error) => void): void {
      if (!socket.users.delete(fail) || socket.users.size > 0) return
      if (current === socket) current = null
      void socket.client.close()
    },
  }
}

type Sockets = ReturnType<typeof createSockets>

/** Follows one subscription over all of its connections; answers how to leave it. */
const follow = (
  op: Operation,
  observer: StreamObserver,
  sockets: Sockets,
  options: SocketOptions,
): (() => void) => {
  const trace: Trace = { requestId: '' }
  let lastEventId: string | undefined
  let renewed = false
  let left = false
  let socket: Socket | null = null
  let call: Unsubscribable | undefined

  const quit = (): void => {
    call?.unsubscribe()
    if (socket) sockets.leave(socket, fail)
    socket = null
  }
  const fail = (cause: unknown): void => {
    if (left) return
    left = true
    quit()
    observer.error(toCallError(cause, trace))
  }
  const again = async (cause: unknown, generation: number): Promise<void> => {
    const useful = !renewed && (await options.session.renew(generation))
    if (left) return
    if (!useful) return fail(cause)
    renewed = true
    quit()
    start()
  }
  const start = (): void => {
    const joined = sockets.join(fail)
    socket = joined
    const link = wsLink<AppRouter>({ client: joined.client })({})
    const next = {
      op: { ...op, input: resumed(op.input, lastEventId) },
      next: () => observable<never>(() => {}),
    }
    call = link(next).subscribe({
      next(envelope) {
        const { result } = envelope
        if ('id' in result && typeof result.id === 'string') {
          lastEventId = result.id
          renewed = false
          try {
            checkValue(options.check, op.path, (result.data as { data?: unknown }).data, trace)
          } catch (error) {
            return fail(error)
          }
        }
        observer.next(envelope)
      },
      error(error) {
        if (isStale(error)) void again(error, joined.generation)
        else fail(error)
      },
      complete() {
        quit()
        if (!left) observer.complete()
      },
    })
  }
  start()
  return () => {
    left = true
    quit()
  }
}

const missing = (): TRPCLink<AppRouter> => () => () =>
  observable((observer) => {
    const error = new Error('There is no WebSocket here: give createClient one, such as of the package ws')
    observer.error(toCallError(TRPCClientError.from<AppRouter>(error), { requestId: '' }))
  })

/**
 * Subscriptions over one WebSocket, shared by all of them. tRPC's own client connects again after a loss and goes on
 * after the last value that was seen; a token that is too old is renewed here.
 */
export const socketStreams = (
  options: StreamOptions,
  WebSocket: WebSocketClass | undefined,
): TRPCLink<AppRouter> => {
  if (!WebSocket) return missing()
  const given = { ...options, WebSocket }
  const sockets = createSockets(given)
  return () =>
    ({ op }) =>
      observable((observer) => follow(op, observer, sockets, given))
}
