import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { common, toProblem } from '@plinth/kit'
import type { App } from './app.ts'
import type { Composed } from './compose.ts'
import type { Settings } from './settings.ts'
import { isUpgrade, mountWebSocket } from './websocket.ts'

/** A server that listens. */
export interface Listening {
  readonly port: number
  readonly url: string
  /** Stops accepting, lets what is at work finish within its time, then closes what is open. */
  stop(): Promise<void>
}

const BROKEN: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** Answers what is no HTTP request, or too slow or too large a one: it never reaches the routes. */
const answerBroken = (error: Error & { code?: string }, socket: Duplex): void => {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = BROKEN[error.code ?? ''] ?? '400 Bad Request'
  const failure = common('MALFORMED_REQUEST')
  const problem = {
    ...toProblem(failure, randomUUID()),
    status: Number(status.slice(0, 3)),
    title: status.slice(4),
  }
  const body = JSON.stringify(problem)
  const type = 'application/problem+json'
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
}

/** Rejects when the address is taken or not ours. */
export const listen = (server: Server, settings: Pick<Settings, 'host' | 'port'>): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(settings.port, settings.host, resolve)
  })

/** Where a server that listens on a host and a port is reached. */
export const originOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`

const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()))

const finished = async (app: App, deadline: number): Promise<void> => {
  while (app.inFlight() > 0 && performance.now() < deadline) await delay(20)
}

interface StartOptions {
  /** Whether events and jobs run in this process; left out: yes. */
  readonly background?: boolean
}

/** Listens for HTTP and WebSocket, and starts the background work. */
export const startServer = async (
  composed: Composed,
  settings: Settings,
  { background = true }: StartOptions = {},
): Promise<Listening> => {
  const { app } = composed
  const { headersMs, requestMs, maxConnections } = settings.http
  const options = {
    headersTimeout: Math.min(headersMs, requestMs),
    requestTimeout: requestMs,
    // Node looks for what is late this often, and not by a timer for each request.
    connectionsCheckingInterval: Math.min(1000, headersMs),
    keepAliveTimeout: 65_000,
    shouldUpgradeCallback: isUpgrade,
  }
  const server = createServer(options, (incoming, outgoing) => void app.answer(incoming, outgoing))
  server.maxConnections = maxConnections
  server.on('clientError', answerBroken)
  const webSocket = mountWebSocket(server, composed, settings)
  await listen(server, settings)
  composed.strain.watch(app.inFlight)
  if (background) {
    composed.background.start()
    composed.warmer.start()
  }
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: originOf(settings.host, port),
    async stop() {
      app.drain()
      const done = closed(server)
      server.closeIdleConnections()
      webSocket.drain()
      const deadline = performance.now() + settings.http.shutdownMs
      await finished(app, deadline)
      await webSocket.close(Math.max(0, deadline - performance.now()))
      server.closeAllConnections()
      await done
      await composed.close()
    },
  }
}
