import type { Mailbox } from '@plinth/adapters'
import type { ContractRecord } from '@plinth/contract'
import { common, type Failure, type Log, type Logger, type Service } from '@plinth/kit'
import type { AnyTRPCRouter } from '@trpc/server'
import { Hono } from 'hono'
import { HttpExchange, type NodeBindings } from './http/exchange.ts'
import { createGate } from './http/gate.ts'
import { prepareSend, sendProblem } from './http/send.ts'
import type { HealthCheck } from './routes/health.ts'
import type { HonoContext, Open } from './routes/open.ts'
import { mountOperations } from './routes/operations.ts'
import { mountPages } from './routes/pages.ts'
import { prepareRestRoutes } from './routes/rest.ts'
import { prepareTrpcRoutes } from './routes/trpc.ts'
import { prepareUnknown } from './routes/unknown.ts'
import type { Settings } from './settings.ts'

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

const createOpener = (settings: Settings, log: Logger) => {
  const exchangeSettings = {
    trustedProxies: settings.trustedProxies,
    maxBodyBytes: settings.http.maxBodyBytes,
  }
  const open: Open = (request, bindings) => {
    const exchange = new HttpExchange(request, bindings.incoming, exchangeSettings, log)
    bindings.exchange = exchange
    return exchange
  }
  return open
}

const createAccessLog =
  (log: Logger) =>
  ({ exchange }: NodeBindings, status: number): void => {
    if (!exchange || !log.isLevelEnabled('info')) return
    const { requestId, method, startedAt, url } = exchange
    // Without the query: it may hold what a log must not.
    const path = url.split('?', 1)[0]
    const ms = Math.round((performance.now() - startedAt) * 10) / 10
    log.info({ requestId, method, path, status, ms }, 'answered')
  }

/** Builds the HTTP side from what it is given: no globals, nothing that outlives it. */
export const createApp = (deps: AppDeps): App => {
  const { settings, service, contract, mailbox, document, checks } = deps
  const { metrics } = service.deps
  const log = deps.log.module('http')
  const open = createOpener(settings, log)
  const send = prepareSend({
    compressBytes: settings.http.compressBytes,
    origins: settings.origins,
    secure: settings.publicUrl?.startsWith('https:') ?? false,
  })
  const refuse = (context: HonoContext, failure: Failure) =>
    sendProblem(send, open(context.req.raw, context.env), failure)
  let draining = false

  const app = new Hono<{ Bindings: NodeBindings }>({ strict: false })
  mountOperations(app, {
    open,
    send,
    settings,
    metrics,
    checks,
    isDraining: () => draining,
    inFlight: () => gate.inFlight(),
  })
  mountPages(app, { contract, mailbox, document, open, send })
  const trpc = prepareTrpcRoutes(service, open, send)
  const rest = prepareRestRoutes(service, open, send)
  const unknown = prepareUnknown(app)
  app.notFound((context) => refuse(context, unknown(context.req.path)))
  app.onError((cause, context) => {
    log.error({ err: cause }, 'request failed outside of its procedure')
    return refuse(context, common('INTERNAL', { cause }))
  })

  const overloaded = new Hono<{ Bindings: NodeBindings }>()
  overloaded.all('*', (context) => refuse(context, common('OVERLOADED', { headers: { 'retry-after': '1' } })))
  const gate = createGate({
    serve: (request, bindings) =>
      rest(request, bindings) ?? trpc.direct(request, bindings) ?? app.fetch(request, bindings),
    refuse: overloaded.fetch,
    answered: createAccessLog(deps.log.access),
    metrics,
    maxInFlight: settings.http.maxInFlight,
  })
  return {
    router: trpc.router,
    fetch: gate.fetch,
    inFlight: gate.inFlight,
    drain() {
      draining = true
    },
  }
}
