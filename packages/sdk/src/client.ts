import type { AppRouter } from '@plinth/contract'
import { createTRPCClient } from '@trpc/client'
import type { Fetch } from './fetch.ts'
import { createSession, type Tokens } from './session.ts'
import { sessionLink } from './session-link.ts'
import { type EventSourceClass, transport } from './transport.ts'
import type { Client } from './types.ts'

/** Headers of every request, or a function that makes them for each. */
export type ExtraHeaders = Readonly<Record<string, string>>

/** What a client is made of; only `url` is needed. */
export interface ClientOptions {
  /** Where the server is, such as `https://api.example.com`. */
  readonly url: string
  /**
   * How the client shows who it is: `token` (the default) keeps the tokens of a login and sends them as
   * `Authorization: Bearer`; `cookie` leaves them to the browser, out of reach of scripts.
   */
  readonly mode?: 'token' | 'cookie'
  /** Tokens of a login made earlier, as `onTokens` was given them. */
  readonly tokens?: Tokens | null | undefined
  /**
   * Called with the new tokens after each login and each renewal, to keep them, and with null when the session has
   * ended. In cookie mode there are no tokens to keep, and only the end is told.
   */
  readonly onTokens?: (tokens: Tokens | null) => void
  /** Sends queries that are made at the same time in one request; true when left out. */
  readonly batch?: boolean
  /** Headers to send with every request. */
  readonly headers?: ExtraHeaders | (() => ExtraHeaders | Promise<ExtraHeaders>)
  /** In place of the global `fetch`. */
  readonly fetch?: Fetch
  /**
   * The class for subscriptions, where the global one is missing or can't send a token: in `token` mode give that of
   * the package `eventsource`, as the one of browsers sends cookies only.
   */
  readonly EventSource?: EventSourceClass
}

/**
 * Makes a client of a Plinth server, typed by its contract.
 *
 * Signing in is a call like any other, and the client keeps the tokens of its answer: after
 * `await client.core.sessions.login.mutate({ email, password })` every call is made for that account, until
 * `core.sessions.logout`. An expired token is renewed once for all calls that met it, and those are made again.
 * Each mutation carries an idempotency key of its own; give yours as `{ context: { idempotencyKey } }`.
 *
 * @example
 * const client = createClient({ url: 'http://localhost:3000' })
 * const { items } = await client.commerce.products.list.query({ limit: 10 })
 */
export const createClient = (options: ClientOptions): Client => {
  const { mode = 'token', batch = true, tokens = null, onTokens, EventSource } = options
  const given = options.fetch ?? ((url, init) => globalThis.fetch(url, init))
  const fetch: Fetch =
    mode === 'cookie' ? (url, init) => given(url, { ...init, credentials: 'include' }) : given
  const headers = async () => ({
    ...(typeof options.headers === 'function' ? await options.headers() : options.headers),
  })
  const shared = { trpcUrl: `${options.url.replace(/\/+$/, '')}/trpc`, mode, fetch, headers }
  const session = createSession({ ...shared, tokens, onTokens })
  return createTRPCClient<AppRouter>({
    links: [sessionLink(session, mode), transport({ ...shared, session, batch, EventSource })],
  })
}
