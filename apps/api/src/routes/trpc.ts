import {
  answerTrpc,
  createTrpcRouter,
  type Exchange,
  etagOf,
  isStream,
  type Service,
  type StreamBounds,
  type StreamContext,
} from '@plinth/kit'
import type { AnyTRPCRouter } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { Hono } from 'hono'
import { type Gates, requestBounds } from '../http/bounds.ts'
import type { HttpExchange } from '../http/exchange.ts'
import { pathOf } from '../http/paths.ts'
import { type Reply, toResponse } from '../http/reply.ts'
import type { Send } from '../http/send.ts'
import type { Bindings, Direct } from './direct.ts'

const PREFIX = '/trpc/'

/** Makes the context of a stream: each call gets its own principal, and may authorise by connection parameters. */
export const streamContext = (
  exchange: Exchange,
  connectionParams: Readonly<Record<string, string | undefined>> | null | undefined,
  bounds: StreamBounds,
): StreamContext => ({
  requestId: exchange.requestId,
  bounds,
  exchange: (signal) => ({
    requestId: exchange.requestId,
    method: exchange.method,
    url: exchange.url,
    address: exchange.address,
    log: exchange.log,
    signal: signal ?? exchange.signal,
    answerHeaders: {},
    principal: undefined,
    span: exchange.span,
    root: exchange,
    bytes: () => exchange.bytes(),
    text: () => exchange.text(),
    formData: (files) => exchange.formData(files),
    header: (name) =>
      exchange.header(name) ?? (name === 'authorization' ? connectionParams?.authorization : undefined),
  }),
})

const proceduresOf = (url: string): string => pathOf(url).slice(PREFIX.length).replace(/\/$/, '')

/** Prepares plain and batched tRPC calls: straight to their procedures. */
export const prepareTrpcCalls = (service: Service, send: Send): Direct => {
  const answer = async (exchange: HttpExchange, path: string): Promise<Reply> => {
    const { status, body, headers, etag } = await answerTrpc(service, exchange, path)
    const tagged = status === 200 && exchange.method === 'GET'
    const tag = tagged ? (etag ?? etagOf(body)) : undefined
    return send(exchange, { status, type: 'application/json', body, headers, etag: tag })
  }
  return (exchange) => {
    const { url, method } = exchange
    if (!url.startsWith(PREFIX) || method === 'OPTIONS') return null
    const path = proceduresOf(url)
    return isStream(service, exchange, path) ? null : answer(exchange, path)
  }
}

/** The same request, whose body is read within our bounds, and only when a call asks for its input. */
const bounded = (raw: Request, exchange: Exchange): Request => {
  const { url, method, headers, signal } = raw
  if (method === 'GET') return raw
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        controller.enqueue(new TextEncoder().encode(await exchange.text()))
        controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  return new Request(url, { method, headers, signal, body, duplex: 'half' })
}

interface StreamDeps {
  readonly service: Service
  readonly send: Send
  readonly gates: Gates
}

/** Mounts what is left, subscriptions and streamed batches, on tRPC's own handler. */
export const mountTrpcStreams = (
  app: Hono<{ Bindings: Bindings }>,
  { service, send, gates }: StreamDeps,
): AnyTRPCRouter => {
  const router = createTrpcRouter(service)
  const bounds = requestBounds(gates)
  app.on(['GET', 'POST'], `${PREFIX}*`, async (context) => {
    const { exchange } = context.env
    const response = await fetchRequestHandler({
      endpoint: '/trpc',
      req: bounded(context.req.raw, exchange),
      router,
      createContext: ({ info }) => streamContext(exchange, info.connectionParams, bounds),
    })
    const headers = Object.fromEntries(response.headers)
    const type = headers['content-type'] ?? 'application/json'
    return toResponse(await send(exchange, { status: response.status, type, body: response.body, headers }))
  })
  return router
}
