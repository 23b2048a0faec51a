import { hash, timingSafeEqual } from 'node:crypto'
import { common, type Metrics, watchState } from '@plinth/kit'
import type { Hono } from 'hono'
import type { HttpExchange } from '../http/exchange.ts'
import { toResponse } from '../http/reply.ts'
import { type Send, sendProblem } from '../http/send.ts'
import type { Settings } from '../settings.ts'
import type { Bindings } from './direct.ts'
import { type HealthCheck, readHealth } from './health.ts'

interface OperationsDeps {
  readonly send: Send
  readonly settings: Settings
  readonly metrics: Metrics
  readonly checks: readonly HealthCheck[]
  readonly isDraining: () => boolean
  readonly inFlight: () => number
}

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'authorization, content-type, idempotency-key, x-request-id, x-api-key, x-plinth-key, x-plinth-timestamp, x-plinth-nonce, x-plinth-signature, trpc-accept, if-none-match, traceparent, tracestate',
  'access-control-max-age': '600',
}

// How long it takes must tell nothing of how much of a guess was right.
const isSame = (given = '', expected: string): boolean =>
  timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected, 'buffer'))

/** Mounts what those who run the server ask for: /health, /ready and /metrics; and answers preflights. */
export const mountOperations = (app: Hono<{ Bindings: Bindings }>, deps: OperationsDeps): void => {
  const { send, settings, metrics, checks, isDraining, inFlight } = deps
  watchState(
    metrics,
    {
      name: 'plinth_part_up',
      help: 'Each part that /ready asks about: 1 when it answers, 0 when it does not',
      async read() {
        const parts = (await readHealth(checks)).checks
        return Object.fromEntries(parts.map(({ name, state }) => [name, state === 'up' ? 1 : 0]))
      },
    },
    'part',
  )
  const preflight = { status: 204, type: 'text/plain', body: null, headers: PREFLIGHT }
  app.options('*', async (context) => toResponse(await send(context.env.exchange, preflight)))
  const health = async (exchange: HttpExchange, draining: boolean): Promise<Response> => {
    const { status, checks: parts } = await readHealth(checks)
    const body = JSON.stringify({ status: draining ? 'draining' : status, checks: parts })
    const code = draining || status === 'down' ? 503 : 200
    return toResponse(await send(exchange, { status: code, type: 'application/json', body }))
  }
  app.get('/health', (context) => health(context.env.exchange, false))
  app.get('/ready', (context) => health(context.env.exchange, isDraining()))
  app.get('/metrics', async (context) => {
    const { exchange } = context.env
    const { metricsToken } = settings
    if (metricsToken !== undefined && !isSame(exchange.header('authorization'), `Bearer ${metricsToken}`))
      return toResponse(await sendProblem(send, exchange, common('NOT_SIGNED_IN')))
    metrics.inFlight.set(inFlight())
    const body = await metrics.registry.metrics()
    return toResponse(await send(exchange, { status: 200, type: metrics.registry.contentType, body }))
  })
}
