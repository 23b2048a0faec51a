import { common, type Metrics } from '@plinth/kit'
import type { Hono } from 'hono'
import type { NodeBindings } from '../http/exchange.ts'
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
}

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'authorization, content-type, idempotency-key, x-request-id, trpc-accept, if-none-match',
  'access-control-max-age': '600',
}

/** Mounts what those who run the server ask for: /health, /ready and /metrics; and answers preflights. */
export const mountOperations = (app: Hono<{ Bindings: NodeBindings }>, deps: OperationsDeps): void => {
  const { open, send, settings, metrics, checks, isDraining } = deps
  app.options('*', (context) =>
    send(open(context), { status: 204, type: 'text/plain', body: null, headers: PREFLIGHT }),
  )
  app.get('/health', async (context) => {
    const exchange = open(context)
    const health = await readHealth(checks)
    const status = health.status === 'down' ? 503 : 200
    return send(exchange, { status, type: 'application/json', body: JSON.stringify(health) })
  })
  app.get('/ready', async (context) => {
    const exchange = open(context)
    const health = await readHealth(checks)
    const ready = isDraining() ? { ...health, status: 'draining' } : health
    const status = ready.status === 'down' || ready.status === 'draining' ? 503 : 200
    return send(exchange, { status, type: 'application/json', body: JSON.stringify(ready) })
  })
  app.get('/metrics', async (context) => {
    const exchange = open(context)
    const { metricsToken } = settings
    if (metricsToken !== undefined && exchange.header('authorization') !== `Bearer ${metricsToken}`)
      return sendProblem(send, exchange, common('NOT_SIGNED_IN'))
    const body = await metrics.registry.metrics()
    return send(exchange, { status: 200, type: metrics.registry.contentType, body })
  })
}
