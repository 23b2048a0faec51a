import { type Route, routesOf, successStatus } from '@plinth/contract'
import {
  common,
  Failure,
  type FileAnswer,
  type Params,
  type Prepared,
  prepareRest,
  readDownload,
  type Service,
} from '@plinth/kit'
import type { Hono } from 'hono'
import type { HttpExchange, NodeBindings } from '../http/exchange.ts'
import { type Send, sendJson, sendProblem } from '../http/send.ts'
import type { HonoContext, Open } from './open.ts'

type App = Hono<{ Bindings: NodeBindings }>

type Answerer = ReturnType<typeof prepareRest>

/** The prefixes that all REST routes are served under. */
const PREFIXES = ['/api/v1', '/api'] as const

const sendFile = (send: Send, exchange: HttpExchange, file: FileAnswer) =>
  send(exchange, {
    status: 200,
    type: file.contentType,
    body: file.body,
    headers: {
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.filename)}`,
    },
  })

// Words win over parameters, so that /products/search is never taken for a product's id.
const wordsFirst = (a: Mounted, b: Mounted): number => (rank(a) < rank(b) ? -1 : 1)
const rank = ({ route }: Mounted): string => route.path.replaceAll(/\{\w+\}/g, '\uffff')

interface Mounted {
  readonly route: Route
  readonly prepared: Prepared
}

/** Mounts every REST route of the contract. */
export const mountRest = (app: App, service: Service, open: Open, send: Send): void => {
  const serve = async (context: HonoContext, status: number, answerer: Answerer) => {
    const exchange = open(context)
    try {
      const answer = await answerer(exchange, context.req.param() as Params)
      if ('json' in answer) return await sendJson(send, exchange, status, answer)
      return await sendFile(send, exchange, answer)
    } catch (error) {
      const failure = error instanceof Failure ? error : common('INTERNAL', { cause: error })
      return sendProblem(send, exchange, failure)
    }
  }
  const mount = ({ route, prepared }: Mounted): void => {
    const answerer = prepareRest(prepared, route)
    const status = successStatus(prepared.name)
    const pattern = route.path.replaceAll(/\{(\w+)\}/g, ':$1')
    for (const prefix of PREFIXES)
      app.on(route.method, prefix + pattern, (context) => serve(context, status, answerer))
  }
  const mounted = [...service.procedures.values()].flatMap((prepared): Mounted[] =>
    routesOf(prepared.name, prepared.procedure).map((route) => ({ route, prepared })),
  )
  for (const [path, routes] of Map.groupBy(mounted.sort(wordsFirst), ({ route }) => route.path)) {
    routes.forEach(mount)
    // Without this DELETE /products/search would be read as the deletion of a product called search.
    if (!path.includes('{'))
      for (const prefix of PREFIXES) app.all(prefix + path, (context) => context.notFound())
  }
  const redeem: Answerer = async (exchange, { token = '' }) => {
    const ticket = readDownload(token, service.deps.settings.secret, service.deps.clock.now())
    const prepared = service.procedures.get(ticket.name)
    if (!prepared) throw common('NOT_FOUND')
    return (await prepared.redeem(
      { exchange, wire: 'rest', index: 0, readInput: () => ticket.input },
      ticket,
    )) as FileAnswer
  }
  app.get('/api/v1/downloads/:token', (context) => serve(context, 200, redeem))
}
