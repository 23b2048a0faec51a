import type { AppRouter } from '@plinth/contract'
import {
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  type Operation,
  splitLink,
  TRPCClientError,
  type TRPCLink,
} from '@trpc/client'
import { observable } from '@trpc/server/observable'
import { type Fetch, forTrpc } from './fetch.ts'
import type { Session } from './session.ts'

/** A class like the browser's EventSource, such as the one of the package `eventsource`. */
// biome-ignore lint/suspicious/noExplicitAny: its second argument differs from class to class
export type EventSourceClass = new (url: string, options?: any) => EventSourceInstance

interface EventSourceInstance {
  readonly CLOSED: number
  readonly CONNECTING: number
  readonly OPEN: number
  readonly readyState: number
  addEventListener(type: string, listener: (event: object) => void): void
  removeEventListener(type: string, listener: (event: object) => void): void
  close(): void
}

interface TransportOptions {
  readonly trpcUrl: string
  readonly mode: 'token' | 'cookie'
  readonly batch: boolean
  readonly fetch: Fetch
  readonly headers: () => Promise<Record<string, string>>
  readonly session: Session
  readonly EventSource: EventSourceClass | undefined
}

// What every proxy and server lets pass.
const MAX_URL = 2000
const MAX_BATCH = 20

const bearer = (session: Session): Record<string, string> => {
  const token = session.accessToken()
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

const keyOf = ({ context }: Operation): Record<string, string> =>
  typeof context.idempotencyKey === 'string' ? { 'idempotency-key': context.idempotencyKey } : {}

/** A stream's own fetch, for classes of EventSource that take one: it can send a token, and renew it. */
const streamFetch =
  ({ fetch, headers, session }: TransportOptions) =>
  async (url: string | URL, init: RequestInit): Promise<Response> => {
    const send = async (): Promise<Response> => {
      const all = new Headers(init.headers)
      for (const [name, value] of Object.entries({ ...(await headers()), ...bearer(session) }))
        all.set(name, value)
      return fetch(String(url), { ...init, headers: all })
    }
    const generation = session.generation()
    const answer = await send()
    if (answer.status !== 401 || !(await session.renew(generation))) return answer
    await answer.body?.cancel()
    return send()
  }

const subscriptions = (options: TransportOptions): TRPCLink<AppRouter> => {
  const { trpcUrl, mode, EventSource } = options
  const link = httpSubscriptionLink<AppRouter, EventSourceClass>({
    url: trpcUrl,
    ...(EventSource ? { EventSource } : {}),
    eventSourceOptions: () => ({ withCredentials: mode === 'cookie', fetch: streamFetch(options) }),
  })
  return (runtime) => {
    const start = link(runtime)
    return (call) => {
      if (EventSource ?? 'EventSource' in globalThis) return start(call)
      const missing = new Error(
        'There is no EventSource here: give createClient one, such as of the package eventsource',
      )
      return observable((observer) => observer.error(TRPCClientError.from(missing)))
    }
  }
}

const fitsBatch = ({ path, input }: Operation, { trpcUrl }: TransportOptions): boolean =>
  trpcUrl.length + path.length + encodeURIComponent(JSON.stringify(input) ?? '').length < MAX_URL - 50

/**
 * The ways to the server: queries made together travel in one request; a mutation travels alone, so that its
 * idempotency key is its own, and so does a query too long for a shared URL; subscriptions are event streams.
 */
export const transport = (options: TransportOptions): TRPCLink<AppRouter> => {
  const { trpcUrl: url, headers, session } = options
  const fetch = forTrpc(options.fetch)
  const single = httpLink<AppRouter>({
    url,
    fetch,
    headers: async ({ op }) => ({ ...(await headers()), ...bearer(session), ...keyOf(op) }),
  })
  const shared = httpBatchLink<AppRouter>({
    url,
    fetch,
    headers: async () => ({ ...(await headers()), ...bearer(session) }),
    maxURLLength: MAX_URL,
    maxItems: MAX_BATCH,
  })
  return splitLink({
    condition: (op) => op.type === 'subscription',
    true: subscriptions(options),
    false: splitLink({
      condition: (op) => options.batch && op.type === 'query' && fitsBatch(op, options),
      true: shared,
      false: single,
    }),
  })
}
