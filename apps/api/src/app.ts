import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import type { FolderFiles, Mailbox } from '@plinth/adapters'
import type { ContractRecord } from '@plinth/contract'
import type { RequestGuard } from '@plinth/core'
import { common, type Failure, type Log, type Logger, type Objection, type Service } from '@plinth/kit'
import type { AnyTRPCRouter } from '@trpc/server'
import { Hono } from 'hono'
import { type Gates, overloaded } from './http/bounds.ts'
import { HttpExchange } from './http/exchange.ts'
import { createGate, type Gate } from './http/gate.ts'
import { loggedPath } from './http/paths.ts'
import {
  countedResponse,
  dropWhenStuck,
  isGone,
  prepareReply,
  type Reply,
  taken,
  toResponse,
} from './http/reply.ts'
import { prepareSend, type Send, sendProblem } from './http/send.ts'
import { prepareTrace } from './http/trace.ts'
import type { Bindings, HonoContext } from './routes/direct.ts'
import { mountFiles } from './routes/files.ts'
import type { HealthCheck } from './routes/health.ts'
import { mountOperations } from './routes/operations.ts'
import { mountPages } from './routes/pages.ts'
import { prepareRestRoutes } from './routes/rest.ts'
import { mountTrpcStreams, prepareTrpcCalls } from './routes/trpc.ts'
import { prepareUnknown } from './routes/unknown.ts'
import { isSecure, type Settings } from './settings.ts'

/** Everything that the HTTP side is given. */
export interface AppDeps {
  readonly contract: ContractRecord
  readonly service: Service
  /** Judges requests before anything is done for them; null: nobody does. */
  readonly guard: RequestGuard | null
  readonly settings: Settings
  readonly log: Log
  readonly mailbox: Mailbox | null
  /** Answers signed addresses of files; null where another server does. */
  readonly folder: FolderFiles | null
  readonly checks: readonly HealthCheck[]
  readonly document: () => Promise<string>
}

/** The HTTP side of one server. */
export interface App {
  /** Answers one request; never rejects. */
  answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void>
  /** For tRPC over WebSocket. */
  readonly router: AnyTRPCRouter
  readonly gates: Gates
  /** While draining, /ready answers 503, so that a balancer sends no more. */
  drain(): void
  inFlight(): number
}

const createAccessLog = ({ log, guard, service }: AppDeps) => {
  const { bodies } = service.deps.metrics
  const [receivedBytes, sentBytes] = [bodies.series('received'), bodies.series('sent')]
  return (exchange: HttpExchange, status: number) => {
    const { requestId, method, startedAt, url, span, received, sent } = exchange
    if (received > 0) receivedBytes.observe(received)
    if (sent > 0) sentBytes.observe(sent)
    const ms = Math.round((performance.now() - startedAt) * 10) / 10
    const traceId = span?.traceId
    // Without the query: it may hold what a log must not.
    const path = loggedPath(url)
    log.answered({ requestId, traceId, method, path, status, ms, received, sent })
    guard?.answered(exchange, status, path)
  }
}

interface Mounting {
  readonly log: Logger
  readonly send: Send
  readonly gates: Gates
  readonly isDraining: () => boolean
}

/** Everything that Hono routes: what is asked for seldom, streams, and what is not there at all. */
const createHono = (deps: AppDeps, { log, send, gates, isDraining }: Mounting) => {
  const { settings, service, contract, mailbox, document, checks } = deps
  const refuse = async ({ env }: HonoContext, failure: Failure) =>
    toResponse(await sendProblem(send, env.exchange, failure))
  const app = new Hono<{ Bindings: Bindings }>({ strict: false })
  const { metrics } = service.deps
  mountOperations(app, { send, settings, metrics, checks, isDraining, inFlight: gates.gate.inFlight })
  mountPages(app, { contract, mailbox, document, send, trap: deps.guard ? settings.guard.trap : null })
  if (deps.folder) mountFiles(app, { folder: deps.folder, send })
  const unknown = prepareUnknown(app)
  const router = mountTrpcStreams(app, { service, send, gates })
  app.notFound((context) => refuse(context, unknown(context.req.path)))
  app.onError((cause, context) => {
    log.error({ err: cause }, 'request failed outside of its procedure')
    return refuse(context, common('INTERNAL', { cause }))
  })
  return { app, router }
}

// RFC 9112, section 3.2: it says itself which version it speaks, and that one asks for a host.
const isHostless = ({ headers, httpVersion }: IncomingMessage): boolean =>
  headers.host === undefined && httpVersion === '1.1'

/** Prepares what is judged before anything else: whether it is a request at all, and who sends it. */
const prepareAdmit =
  (guard: RequestGuard | null) =>
  (exchange: HttpExchange, incoming: IncomingMessage): Objection | undefined =>
    isHostless(incoming)
      ? { failure: common('MALFORMED_REQUEST', { headers: { connection: 'close' } }) }
      : guard?.admit(exchange)

interface RoutedDeps {
  readonly gate: Gate
  readonly accessLog: ReturnType<typeof createAccessLog>
  readonly sendIdleMs: number
}

/** Prepares answering through Hono: in flight until the system has the whole answer, or a subscription is open. */
const prepareRouted =
  (app: ReturnType<typeof createHono>['app'], deps: RoutedDeps) =>
  async (exchange: HttpExchange, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { gate, accessLog, sendIdleMs } = deps
    const leave = gate.enter()
    const listener = getRequestListener(async (request) => {
      const response = await app.fetch(request, { exchange })
      // A subscription may last for hours: it has a bound of its own, and a server that stops does not wait for it.
      if (response.headers.get('content-type')?.startsWith('text/event-stream')) leave()
      const gone = isGone(outgoing)
      if (gone) await response.body?.cancel()
      const answer = gone ? new Response(null, response) : response
      return countedResponse(answer, exchange, () => accessLog(exchange, response.status))
    })
    dropWhenStuck(outgoing, sendIdleMs)
    try {
      await listener(incoming, outgoing)
      await taken(outgoing)
    } finally {
      leave()
    }
  }

/** Builds the HTTP side from what it is given: no globals, nothing that outlives it. */
export const createApp = (deps: AppDeps): App => {
  const { settings, service, guard } = deps
  const log = deps.log.module('http')
  const accessLog = createAccessLog(deps)
  const { maxInFlight, maxSubscriptions, sendIdleMs } = settings.http
  const gate = createGate(maxInFlight, service.deps.metrics)
  const gates = { gate, subscriptions: createGate(maxSubscriptions, service.deps.metrics) }
  const send = prepareSend({
    compressBytes: settings.http.compressBytes,
    origins: settings.origins,
    secure: isSecure(settings),
  })
  const exchangeSettings = {
    trustedProxies: settings.trustedProxies,
    maxBodyBytes: settings.http.maxBodyBytes,
    maxUploadBytes: settings.files.maxUploadBytes,
  }
  let draining = false
  const { app, router } = createHono(deps, { log, send, gates, isDraining: () => draining })
  const rest = prepareRestRoutes(service, send)
  const trpc = prepareTrpcCalls(service, send)
  const direct = (exchange: HttpExchange): Promise<Reply> | null => rest(exchange) ?? trpc(exchange)
  const { tracer } = service.deps
  const traced = tracer && prepareTrace(tracer)

  const writeReply = prepareReply(sendIdleMs)
  const throughHono = prepareRouted(app, { gate, accessLog, sendIdleMs })
  const directly = async (exchange: HttpExchange, outgoing: ServerResponse, replying: Promise<Reply>) => {
    const reply = await replying
    try {
      const written = writeReply(outgoing, reply, exchange)
      if (written) await written
    } finally {
      accessLog(exchange, reply.status)
    }
  }
  const admit = prepareAdmit(guard)
  const serve = async (exchange: HttpExchange, incoming: IncomingMessage, outgoing: ServerResponse) => {
    const objection = admit(exchange, incoming)
    if (objection?.failure)
      return directly(exchange, outgoing, Promise.resolve(sendProblem(send, exchange, objection.failure)))
    if (objection?.delayMs !== undefined) await gate.hold(() => delay(objection.delayMs))
    const replying = direct(exchange)
    return replying
      ? gate.hold(() => directly(exchange, outgoing, replying))
      : throughHono(exchange, incoming, outgoing)
  }
  return {
    router,
    async answer(incoming, outgoing) {
      const exchange = new HttpExchange(incoming, outgoing, exchangeSettings, log)
      try {
        if (gate.admits(exchange.url))
          await (traced
            ? traced(exchange, outgoing, () => serve(exchange, incoming, outgoing))
            : serve(exchange, incoming, outgoing))
        else await writeReply(outgoing, await sendProblem(send, exchange, overloaded()), exchange)
      } catch (error) {
        exchange.log.warn({ err: error }, 'an answer was cut off')
        outgoing.destroy()
      }
    },
    gates,
    inFlight: gate.inFlight,
    drain() {
      draining = true
    },
  }
}
