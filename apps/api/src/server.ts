import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { common } from '@plinth/kit'
import type { App } from './app.ts'
import type { Composed } from './compose.ts'
import { answerRaw } from './http/raw.ts'
import { isSecure, type Settings } from './settings.ts'
import { isUpgrade, mountWebSocket } from './websocket.ts'

/** A server that listens. */
export interface Listening {
  readonly port: number
  readonly url: string
  /** Stops accepting, lets what is at work finish within its time, then closes what is open. */
  stop(): Promise<void>
}

const BROKEN: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** Answers what is no HTTP request, or too slow or too large a one: it never reaches the routes. */
const prepareBroken =
  (secure: boolean) =>
  (error: Error & { code?: string }, socket: Duplex): void => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    const status = BROKEN[error.code ?? ''] ?? 400
    answerRaw(socket, common('MALFORMED_REQUEST'), { requestId: randomUUID(), secure, status })
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
  /** Whether requests are written down and lists read anew while it runs; left out: yes. */
  readonly guard?: boolean
}

/** Listens for HTTP and WebSocket, and starts the background work. */
export const startServer = async (
  composed: Composed,
  settings: Settings,
  { background = true, guard = true }: StartOptions = {},
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
    // We refuse those without ourselves, with all that an answer of ours has.
    requireHostHeader: false,
  }
  const server = createServer(options, (incoming, outgoing) => void app.answer(incoming, outgoing))
  server.maxConnections = maxConnections
  server.on('clientError', prepareBroken(isSecure(settings)))
  // What a request expects that is not known is no reason to answer it past all that others pass (RFC 9110, 10.1.1).
  server.on('checkExpectation', (incoming, outgoing) => void app.answer(incoming, outgoing))
  const webSocket = mountWebSocket(server, composed, settings)
  await listen(server, settings)
  composed.strain.watch(app.inFlight)
  if (guard) composed.guard?.start()
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
