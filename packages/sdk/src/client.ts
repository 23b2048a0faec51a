import type { AppRouter } from '@plinth/contract'
import { createTRPCClient, splitLink } from '@trpc/client'
import type { AnyTRPCRouter } from '@trpc/server'
import { callLink } from './calls.ts'
import type { AnswerCheck } from './checks.ts'
import type { Fetch } from './fetch.ts'
import { type ReconnectOptions, type RetryOptions, said } from './retries.ts'
import { createSession, type Tokens } from './session.ts'
import { sessionLink } from './session-link.ts'
import { type SigningKey, signing } from './signing.ts'
import { socketStreams, type WebSocketClass } from './sockets.ts'
import { eventStreams } from './streams.ts'
import { transport } from './transport.ts'
import type { Client, ClientOf } from './types.ts'

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
  /**
   * An API key to call with in the place of a login. Its secret alone is sent with each request; for a key that signs,
   * give its id and secret: the secret then stays here.
   */
  readonly apiKey?: string | SigningKey | undefined
  /** Tokens of a login made earlier, as `onTokens` was given them. */
  readonly tokens?: Tokens | null | undefined
  /**
   * Called with the new tokens after each login and each renewal, to keep them, and with null when the session has
   * ended. In cookie mode there are no tokens to keep, and only the end is told.
   */
  readonly onTokens?: (tokens: Tokens | null) => unknown
  /** Sends queries that are made at the same time in one request; true when left out. */
  readonly batch?: boolean
  /** Headers to send with every request. */
  readonly headers?: ExtraHeaders | (() => ExtraHeaders | Promise<ExtraHeaders>)
  /** In place of the global `fetch`. */
  readonly fetch?: Fetch
  /** How long a call may take with all its tries; 30 000 when left out, `Infinity` for as long as it likes. */
  readonly timeoutMs?: number
  /** How calls are made again after a failure that passes; `false` for never. */
  readonly retry?: RetryOptions | false
  /** How subscriptions come: as event streams (the default), or all over one WebSocket. */
  readonly subscriptions?: 'events' | 'websocket'
  /** How a lost subscription is connected again. */
  readonly reconnect?: ReconnectOptions
  /** In place of the global `WebSocket`, where there is none: in Node 20, give that of the package `ws`. */
  readonly WebSocket?: WebSocketClass
  /** Holds answers to the contract at run time: `answerCheck()` of `@plinth/sdk/validation`. */
  readonly check?: AnswerCheck
}

const RECONNECT = { tries: 100, baseMs: 500, maxMs: 30_000 }

const lowerCased = (headers: ExtraHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** How an API key is sent: as a token that nothing renews, or as a signature of each request. */
const keyed = ({ apiKey, tokens = null, mode, subscriptions }: ClientOptions, given: Fetch) => {
  if (apiKey === undefined) return { tokens, fetch: given, signs: false }
  if (tokens || mode === 'cookie')
    throw new TypeError('A client calls with an API key or with a login: give one')
  if (typeof apiKey === 'string') return { tokens: { accessToken: apiKey }, fetch: given, signs: false }
  if (subscriptions === 'websocket')
    throw new TypeError('A WebSocket can not be signed: leave subscriptions out, they come as event streams')
  return { tokens: null, fetch: signing(given, apiKey), signs: true }
}

const linksOf = (options: ClientOptions) => {
  const { mode = 'token', batch = true, onTokens, check, retry, timeoutMs = 30_000 } = options
  const given = options.fetch ?? ((url, init) => globalThis.fetch(url, init))
  const plain: Fetch =
    mode === 'cookie' ? (url, init) => given(url, { ...init, credentials: 'include' }) : given
  const { tokens, fetch, signs } = keyed(options, plain)
  const headers = async () =>
    lowerCased(typeof options.headers === 'function' ? await options.headers() : (options.headers ?? {}))
  const url = options.url.replace(/\/+$/, '')
  const shared = { trpcUrl: `${url}/trpc`, mode, fetch, headers, signs }
  const session = createSession({ ...shared, tokens, onTokens })
  const ways = { ...shared, session }
  const streams = { ...ways, check, reconnect: { ...RECONNECT, ...said(options.reconnect) } }
  const WebSocket = options.WebSocket ?? (globalThis as { readonly WebSocket?: WebSocketClass }).WebSocket
  return [
    // What is fetched by a signed address needs no credential, and may lie elsewhere.
    callLink({ connection: { url, fetch: plain }, timeoutMs, retry, check }),
    sessionLink(session, mode),
    splitLink<AppRouter>({
      condition: (op) => op.type === 'subscription',
      true: options.subscriptions === 'websocket' ? socketStreams(streams, WebSocket) : eventStreams(streams),
      false: transport(ways, batch),
    }),
  ]
}

/**
 * Makes a client of a Plinth server, typed by its contract.
 *
 * Signing in is a call like any other, and the client keeps the tokens of its answer: after
 * `await client.core.sessions.login.mutate({ email, password })` every call is made for that account, until
 * `core.sessions.logout`. An expired token is renewed once for all calls that met it, and those are made again.
 * Each mutation carries an idempotency key of its own; give yours as `{ context: { idempotencyKey } }`. That makes
 * mutations as safe to try again as queries, which is done when the connection fails or the server is busy.
 *
 * @example
 * const client = createClient({ url: 'http://localhost:3000' })
 * const { items } = await client.commerce.products.list.query({ limit: 10 })
 */
export const createClient = (options: ClientOptions): Client => createClientOf<AppRouter>(options)

/** The same for a server with a contract of its own: `createClientOf<RouterOf<typeof contract>>({ url })`. */
export const createClientOf = <Router extends AnyTRPCRouter>(options: ClientOptions): ClientOf<Router> =>
  // Links go by name and shape; which router they are for matters to types alone.
  createTRPCClient<Router>({ links: linksOf(options) })
