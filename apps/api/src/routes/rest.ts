import { type Route, routesOf, successStatus } from '@plinth/contract'
import {
  common,
  Failure,
  type FileAnswer,
  type Params,
  prepareRest,
  readDownload,
  type Service,
} from '@plinth/kit'
import type { Hono } from 'hono'
import type { HttpExchange, NodeBindings } from '../http/exchange.ts'
import { type Send, sendJson, sendProblem } from '../http/send.ts'
import type { HonoContext, Open } from './open.ts'

type App = Hono<{ Bindings: NodeBindings }>

interface Answerer {
  readonly status: number
  readonly answer: ReturnType<typeof prepareRest>
}

/** The prefixes that all REST routes are served under. */
export const PREFIXES = ['/api/v1', '/api'] as const

const sendFile = (send: Send, exchange: HttpExchange, file: FileAnswer) =>
  send(exchange, {
    status: 200,
    type: file.contentType,
    body: file.body,
    headers: {
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.filename)}`,
    },
  })

const byPath = (service: Service): Map<string, Map<string, Answerer>> => {
  const paths = new Map<string, Map<string, Answerer>>()
  for (const prepared of service.procedures.values())
    for (const route of routesOf(prepared.name, prepared.procedure)) {
      const methods = paths.get(route.path) ?? new Map<string, Answerer>()
      methods.set(route.method, {
        status: successStatus(prepared.name),
        answer: prepareRest(prepared, route),
      })
      paths.set(route.path, methods)
    }
  return paths
}

// Words win over parameters, so that /products/search is never taken for a product's id.
const wordsFirst = (a: string, b: string): number =>
  a.replaceAll(/\{\w+\}/g, '\uffff').localeCompare(b.replaceAll(/\{\w+\}/g, '\uffff'), 'en')

/** Mounts every REST route of the contract; a known path with another method is answered 405. */
export const mountRest = (app: App, service: Service, open: Open, send: Send): void => {
  const serve = async (context: HonoContext, methods: Map<string, Answerer>, params: Params) => {
    const exchange = open(context)
    try {
      const answerer = methods.get(exchange.method === 'HEAD' ? 'GET' : exchange.method)
      if (!answerer) throw common('METHOD_NOT_ALLOWED', { headers: { allow: allowOf(methods) } })
      const answer = await answerer.answer(exchange, params)
      if ('json' in answer) return await sendJson(send, exchange, answerer.status, answer)
      return await sendFile(send, exchange, answer)
    } catch (error) {
      return sendProblem(
        send,
        exchange,
        error instanceof Failure ? error : common('INTERNAL', { cause: error }),
      )
    }
  }
  const paths = byPath(service)
  for (const path of [...paths.keys()].sort(wordsFirst)) {
    const methods = paths.get(path) ?? new Map<string, Answerer>()
    const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1')
    for (const prefix of PREFIXES)
      app.all(prefix + pattern, (context) => serve(context, methods, context.req.param() as Params))
  }
  const redeem: Answerer['answer'] = async (exchange, { token = '' }) => {
    const ticket = readDownload(token, service.deps.settings.secret, service.deps.clock.now())
    const prepared = service.procedures.get(ticket.name)
    if (!prepared) throw common('NOT_FOUND')
    return (await prepared.redeem(
      { exchange, wire: 'rest', index: 0, readInput: () => ticket.input },
      ticket,
    )) as FileAnswer
  }
  const downloads = new Map([['GET', { status: 200, answer: redeem }]])
  app.all('/api/v1/downloads/:token', (context) =>
    serve(context, downloads, { token: context.req.param('token') }),
  )
}

const allowOf = (methods: ReadonlyMap<string, unknown>): string =>
  [...methods.keys(), ...(methods.has('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')

/** Every REST route that is served, for the comparison with the document. */
export const restRoutes = (service: Service): readonly Route[] =>
  [...service.procedures.values()].flatMap(({ name, procedure }) => routesOf(name, procedure))
