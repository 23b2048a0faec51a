import {
  answerTrpc,
  createTrpcRouter,
  type Exchange,
  etagOf,
  isStream,
  type Service,
  type StreamContext,
} from '@plinth/kit'
import type { AnyTRPCRouter } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { Hono } from 'hono'
import type { HttpExchange, NodeBindings } from '../http/exchange.ts'
import type { Send } from '../http/send.ts'
import type { HonoContext, Open } from './open.ts'

/** Makes the context of a stream: each call gets its own principal, and may authorise by connection parameters. */
export const streamContext = (
  exchange: Exchange,
  connectionParams: Readonly<Record<string, string | undefined>> | null | undefined,
): StreamContext => ({
  requestId: exchange.requestId,
  exchange: (signal) => ({
    requestId: exchange.requestId,
    method: exchange.method,
    url: exchange.url,
    address: exchange.address,
    log: exchange.log,
    signal: signal ?? exchange.signal,
    answerHeaders: {},
    principal: undefined,
    text: () => exchange.text(),
    formData: () => exchange.formData(),
    header: (name) =>
      exchange.header(name) ?? (name === 'authorization' ? connectionParams?.authorization : undefined),
  }),
})

/** Mounts tRPC: plain and batched calls straight to their procedures, streams through tRPC's own handler. */
export const mountTrpc = (
  app: Hono<{ Bindings: NodeBindings }>,
  service: Service,
  open: Open,
  send: Send,
): AnyTRPCRouter => {
  const router = createTrpcRouter(service)
  const stream = async (context: HonoContext, exchange: HttpExchange): Promise<Response> => {
    const response = await fetchRequestHandler({
      endpoint: '/trpc',
      req: context.req.raw,
      router,
      createContext: ({ info }) => streamContext(exchange, info.connectionParams),
    })
    const headers = Object.fromEntries(response.headers)
    return send(exchange, {
      status: response.status,
      type: headers['content-type'] ?? 'application/json',
      body: response.body,
      headers,
    })
  }
  app.all('/trpc/*', async (context) => {
    const exchange = open(context)
    const path = (exchange.url.split('?', 1)[0] ?? '').slice('/trpc/'.length).replace(/\/$/, '')
    if (isStream(service, exchange, path)) return stream(context, exchange)
    const { status, body, headers, etag } = await answerTrpc(service, exchange, path)
    const tagged = status === 200 && exchange.method === 'GET'
    return send(exchange, {
      status,
      type: 'application/json',
      body,
      headers,
      etag: tagged ? (etag ?? etagOf(body)) : undefined,
    })
  })
  return router
}
