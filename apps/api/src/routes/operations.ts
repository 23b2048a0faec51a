import { common, type Metrics } from '@plinth/kit'
import type { Hono } from 'hono'
import type { HttpExchange, NodeBindings } from '../http/exchange.ts'
import { type Send, sendProblem } from '../http/send.ts'
import type { Settings } from '../settings.ts'
import { type HealthCheck, readHealth } from './health.ts'
import type { Open } from './open.ts'

interface OperationsDeps {
  readonly open: Open
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
    'authorization, content-type, idempotency-key, x-request-id, trpc-accept, if-none-match',
  'access-control-max-age': '600',
}

/** Mounts what those who run the server ask for: /health, /ready and /metrics; and answers preflights. */
export const mountOperations = (app: Hono<{ Bindings: NodeBindings }>, deps: OperationsDeps): void => {
  const { open, send, settings, metrics, checks, isDraining, inFlight } = deps
  app.options('*', (context) =>
    send(open(context.req.raw, context.env), {
      status: 204,
      type: 'text/plain',
      body: null,
      headers: PREFLIGHT,
    }),
  )
  const health = async (exchange: HttpExchange, draining: boolean): Promise<Response> => {
    const { status, checks: parts } = await readHealth(checks)
    const body = JSON.stringify({ status: draining ? 'draining' : status, checks: parts })
    return send(exchange, {
      status: draining || status === 'down' ? 503 : 200,
      type: 'application/json',
      body,
    })
  }
  app.get('/health', (context) => health(open(context.req.raw, context.env), false))
  app.get('/ready', (context) => health(open(context.req.raw, context.env), isDraining()))
  app.get('/metrics', async (context) => {
    const exchange = open(context.req.raw, context.env)
    const { metricsToken } = settings
    if (metricsToken !== undefined && exchange.header('authorization') !== `Bearer ${metricsToken}`)
      return sendProblem(send, exchange, common('NOT_SIGNED_IN'))
    metrics.inFlight.set(inFlight())
    const body = await metrics.registry.metrics()
    return send(exchange, { status: 200, type: metrics.registry.contentType, body })
  })
}
