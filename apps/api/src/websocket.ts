import type { IncomingMessage, Server } from 'node:http'
import { common, type Exchange, type Failure } from '@plinth/kit'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Composed } from './compose.ts'
import { overloaded, socketBounds } from './http/bounds.ts'
import { addressOf, requestIdOf } from './http/exchange.ts'
import { answerRaw } from './http/raw.ts'
import { streamContext } from './routes/trpc.ts'
import { isSecure, type Settings } from './settings.ts'

const PATH = '/trpc-ws'

const headerOf = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

const exchangeOf = (request: IncomingMessage, composed: Composed, trustedProxies: number): Exchange => {
  const requestId = requestIdOf(headerOf(request, 'x-request-id'))
  return {
    requestId,
    method: 'GET',
    url: request.url ?? PATH,
    address: addressOf(request, trustedProxies),
    signal: new AbortController().signal,
    log: composed.log.module('http').child({ requestId }),
    answerHeaders: {},
    principal: undefined,
    header: (name) => headerOf(request, name),
    bytes: () => Promise.reject(common('SIGNATURE_UNSUPPORTED')),
    text: () => Promise.reject(common('MALFORMED_REQUEST')),
    formData: () => Promise.reject(common('MALFORMED_REQUEST')),
  }
}

const originAllowed = (request: IncomingMessage, origins: readonly string[]): boolean => {
  const { origin, host } = request.headers
  // Browsers send cookies with a WebSocket from any page: only pages of ours may open one.
  if (origin === undefined || origins.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

const pathOf = ({ url }: IncomingMessage): string | undefined => url?.split('?', 1)[0]

/** Whether a request is one to upgrade: the rest is answered as if it had not asked (RFC 9110, section 7.8). */
export const isUpgrade = (request: IncomingMessage): boolean =>
  pathOf(request) === PATH && request.headers.upgrade?.toLowerCase() === 'websocket'

/** Serves tRPC over WebSocket on the same port. */
export const mountWebSocket = (server: Server, composed: Composed, settings: Settings) => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: settings.http.maxBodyBytes })
  const exchanges = new WeakMap<IncomingMessage, Exchange>()
  const exchangeFor = (request: IncomingMessage): Exchange => {
    const known = exchanges.get(request) ?? exchangeOf(request, composed, settings.trustedProxies)
    exchanges.set(request, known)
    return known
  }
  let draining = false
  const bounds = (client: WebSocket) =>
    socketBounds(client, {
      ...composed.app.gates,
      settings: settings.http,
      isDraining: () => draining,
    })
  const refusal = (request: IncomingMessage, exchange: Exchange): Failure | undefined => {
    if (!originAllowed(request, settings.origins)) return common('ORIGIN_NOT_ALLOWED')
    if (draining || sockets.clients.size >= settings.http.maxInFlight) return overloaded()
    return composed.guard?.admitSocket(exchange)
  }
  // Errors name the request: who opens a connection learns the name that all calls over it have.
  sockets.on('headers', (lines, request) => lines.push(`X-Request-Id: ${exchangeFor(request).requestId}`))
  const handler = applyWSSHandler({
    wss: sockets,
    router: composed.app.router,
    createContext: ({ req, res, info }) =>
      streamContext(exchangeFor(req), info.connectionParams, bounds(res as WebSocket)),
    keepAlive: { enabled: true, pingMs: 30_000, pongWaitMs: 10_000 },
  })
  server.on('upgrade', (request, socket, head) => {
    // Who resets a connection that nobody listens to would end the process.
    socket.on('error', () => socket.destroy())
    const exchange = exchangeFor(request)
    const failure = refusal(request, exchange)
    const { rawHeaders } = request
    const visit = {
      ...exchange,
      rawHeaders,
      startedAt: performance.now(),
      received: 0,
      sent: 0,
      bodyText: undefined,
    }
    composed.guard?.answered(visit, failure?.status ?? 101, PATH)
    if (failure)
      return answerRaw(socket, failure, { requestId: exchange.requestId, secure: isSecure(settings) })
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request))
  })
  return {
    /** Begins nothing new; what is at work goes on. */
    drain(): void {
      draining = true
    },
    /** Tells all clients to go, and ends those that have not gone in time. */
    async close(withinMs: number): Promise<void> {
      handler.broadcastReconnectNotification()
      sockets.close()
      const { clients } = sockets
      const gone = [...clients].map((client) => new Promise((resolve) => client.once('close', resolve)))
      for (const client of clients) client.close(1012, 'The server restarts')
      const timer = setTimeout(() => {
        for (const client of clients) client.terminate()
      }, withinMs)
      await Promise.all(gone)
      clearTimeout(timer)
    },
  }
}
