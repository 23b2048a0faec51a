import {
  answerTrpc,
  createTrpcRouter,
  type Exchange,
  etagOf,
  isStream,
  type Service,
  type StreamContext,
} from '@plinth/kit'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { HttpExchange } from '../http/exchange.ts'
import type { Send } from '../http/send.ts'
import type { Direct, Open } from './open.ts'

const PREFIX = '/trpc/'

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

/** Prepares tRPC: plain and batched calls straight to their procedures, streams through tRPC's own handler. */
export const prepareTrpcRoutes = (service: Service, open: Open, send: Send) => {
  const router = createTrpcRouter(service)
  const stream = async (request: Request, exchange: HttpExchange): Promise<Response> => {
    const response = await fetchRequestHandler({
      endpoint: '/trpc',
      req: request,
      router,
      createContext: ({ info }) => streamContext(exchange, info.connectionParams),
    })
    const headers = Object.fromEntries(response.headers)
    const type = headers['content-type'] ?? 'application/json'
    return send(exchange, { status: response.status, type, body: response.body, headers })
  }
  const answer = async (exchange: HttpExchange, path: string): Promise<Response> => {
    const { status, body, headers, etag } = await answerTrpc(service, exchange, path)
    const tagged = status === 200 && exchange.method === 'GET'
    const tag = tagged ? (etag ?? etagOf(body)) : undefined
    return send(exchange, { status, type: 'application/json', body, headers, etag: tag })
  }
  const direct: Direct = (request, bindings) => {
    const { url = '', method } = bindings.incoming
    if (!url.startsWith(PREFIX) || method === 'OPTIONS') return null
    const exchange = open(request, bindings)
    const path = (url.split('?', 1)[0] ?? '').slice(PREFIX.length).replace(/\/$/, '')
    return isStream(service, exchange, path) ? stream(request, exchange) : answer(exchange, path)
  }
  return { router, direct }
}
