import type { Mailbox } from '@plinth/adapters'
import type { ContractRecord } from '@plinth/contract'
import { common, type Failure, type Log, type Service } from '@plinth/kit'
import type { AnyTRPCRouter } from '@trpc/server'
import { type Context, Hono } from 'hono'
import { HttpExchange, type NodeBindings } from './http/exchange.ts'
import { prepareSend, sendProblem } from './http/send.ts'
import { type HealthCheck, readHealth } from './routes/health.ts'
import { mountPages } from './routes/pages.ts'
import { mountRest } from './routes/rest.ts'
import { mountTrpc } from './routes/trpc.ts'
import type { Settings } from './settings.ts'

type HonoContext = Context<{ Bindings: NodeBindings }>

/** Everything that the HTTP side is given. */
export interface AppDeps {
  readonly contract: ContractRecord
  readonly service: Service
  readonly settings: Settings
  readonly log: Log
  readonly mailbox: Mailbox | null
  readonly checks: readonly HealthCheck[]
  readonly document: () => Promise<string>
}

/** The HTTP side of one server. */
export interface App {
  fetch(request: Request, bindings: NodeBindings): Response | Promise<Response>
  /** For tRPC over WebSocket. */
  readonly router: AnyTRPCRouter
  /** While draining, /ready answers 503, so that a balancer sends no more. */
  drain(): void
  inFlight(): number
}

/** Builds the HTTP side from what it is given: no globals, nothing that outlives it. */
export const createApp = (deps: AppDeps): App => {
  const { settings, service } = deps
  const { metrics } = service.deps
  const log = deps.log.module('http')
  const app = new Hono<{ Bindings: NodeBindings }>({ strict: false })
  const send = prepareSend({
    compressBytes: settings.http.compressBytes,
    origins: settings.origins,
    secure: settings.publicUrl?.startsWith('https:') ?? false,
  })
  const exchangeSettings = {
    trustedProxies: settings.trustedProxies,
    maxBodyBytes: settings.http.maxBodyBytes,
  }
  const opened = new WeakMap<object, HttpExchange>()
  const open = (context: HonoContext): HttpExchange => {
    const exchange = new HttpExchange(context, exchangeSettings, log)
    opened.set(context.env, exchange)
    return exchange
  }
  let draining = false
  let inFlight = 0

  const preflight = (context: HonoContext) => {
    const exchange = open(context)
    return send(exchange, {
      status: 204,
      type: 'text/plain',
      body: null,
      headers: {
        'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers':
          'authorization, content-type, idempotency-key, x-request-id, trpc-accept, if-none-match',
        'access-control-max-age': '600',
      },
    })
  }
  const health = async (context: HonoContext, ready: boolean) => {
    const exchange = open(context)
    const state = await readHealth(deps.checks)
    const status = state.status === 'down' || (ready && draining) ? 503 : 200
    const body = JSON.stringify(ready && draining ? { ...state, status: 'draining' } : state)
    return send(exchange, { status, type: 'application/json', body })
  }
  const scrape = async (context: HonoContext) => {
    const exchange = open(context)
    const { metricsToken } = settings
    if (metricsToken !== undefined && exchange.header('authorization') !== `Bearer ${metricsToken}`)
      return sendProblem(send, exchange, common('NOT_SIGNED_IN'))
    metrics.inFlight.set(inFlight)
    return send(exchange, {
      status: 200,
      type: metrics.registry.contentType,
      body: await metrics.registry.metrics(),
    })
  }

  app.options('*', preflight)
  app.get('/health', (context) => health(context, false))
  app.get('/ready', (context) => health(context, true))
  app.get('/metrics', scrape)
  mountPages(app, { contract: deps.contract, mailbox: deps.mailbox, document: deps.document, open, send })
  const router = mountTrpc(app, service, open, send)
  mountRest(app, service, open, send)
  const refuse = (context: HonoContext, failure: Failure) => sendProblem(send, open(context), failure)
  app.notFound((context) => refuse(context, common('ROUTE_NOT_FOUND')))
  app.onError((cause, context) => {
    log.error({ err: cause }, 'request failed outside of its procedure')
    return refuse(context, common('INTERNAL', { cause }))
  })

  const overloaded = new Hono<{ Bindings: NodeBindings }>()
  overloaded.all('*', (context) => refuse(context, common('OVERLOADED', { headers: { 'retry-after': '1' } })))
  const isProbe = (url: string | undefined): boolean => /^\/(health|ready|metrics)\b/.test(url ?? '')

  const answered = (bindings: NodeBindings, status: number): void => {
    const exchange = opened.get(bindings)
    if (!exchange) return
    const { requestId, method, startedAt } = exchange
    const path = exchange.url.split('?', 1)[0]
    log.info(
      { requestId, method, path, status, ms: Math.round((performance.now() - startedAt) * 10) / 10 },
      'answered',
    )
  }
  const serve = async (request: Request, bindings: NodeBindings): Promise<Response> => {
    inFlight++
    try {
      const response = await app.fetch(request, bindings)
      answered(bindings, response.status)
      return response
    } finally {
      inFlight--
    }
  }
  return {
    router,
    inFlight: () => inFlight,
    drain() {
      draining = true
    },
    fetch(request, bindings) {
      if (inFlight < settings.http.maxInFlight || isProbe(bindings.incoming.url))
        return serve(request, bindings)
      metrics.shed.inc()
      return overloaded.fetch(request, bindings)
    },
  }
}
