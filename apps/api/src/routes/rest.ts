import { routesOf, successStatus } from '@plinth/contract'
import {
  type Call,
  common,
  Failure,
  type FileAnswer,
  type Params,
  prepareRest,
  readDownload,
  type Service,
} from '@plinth/kit'
import type { HttpExchange } from '../http/exchange.ts'
import { createPaths, pathOf } from '../http/paths.ts'
import { type Send, sendJson, sendProblem } from '../http/send.ts'
import type { Direct } from './direct.ts'

type Answerer = ReturnType<typeof prepareRest>

/** The prefixes that all REST routes are served under, the longer one first. */
const PREFIXES = ['/api/v1/', '/api/'] as const

const sendFile = (send: Send, exchange: HttpExchange, file: FileAnswer) =>
  send(exchange, {
    status: 200,
    type: file.contentType,
    body: file.body,
    headers: {
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.filename)}`,
    },
  })

interface Target {
  readonly status: number
  readonly answerer: Answerer
}

const targetsOf = (service: Service): Map<string, Map<string, Target>> => {
  const targets = new Map<string, Map<string, Target>>()
  for (const prepared of service.procedures.values())
    for (const route of routesOf(prepared.name, prepared.procedure)) {
      const methods = targets.get(route.path) ?? new Map<string, Target>()
      const answerer = prepareRest(prepared, route)
      targets.set(route.path, methods.set(route.method, { status: successStatus(prepared.name), answerer }))
    }
  return targets
}

const redeemer =
  (service: Service): Answerer =>
  async (exchange, { token = '' }) => {
    const { settings, clock } = service.deps
    const ticket = readDownload(token, settings.secret, clock.now())
    const prepared = service.procedures.get(ticket.name)
    if (!prepared) throw common('NOT_FOUND')
    const call: Call = { exchange, wire: 'rest', index: 0, readInput: () => ticket.input }
    return (await prepared.redeem(call, ticket)) as FileAnswer
  }

const allowOf = (methods: ReadonlyMap<string, unknown>): string =>
  [...methods.keys(), ...(methods.has('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')

const withoutPrefix = (path: string): string => {
  let start = 0
  for (const prefix of PREFIXES) if (start === 0 && path.startsWith(prefix)) start = prefix.length - 1
  return path.endsWith('/') ? path.slice(start, -1) : path.slice(start)
}

/**
 * Prepares all REST routes of the contract, ahead of Hono: its router and context cost as much as a small answer.
 * A known path with another method is answered 405, with those that it has.
 */
export const prepareRestRoutes = (service: Service, send: Send): Direct => {
  const targets = targetsOf(service)
  targets.set('/downloads/{token}', new Map([['GET', { status: 200, answerer: redeemer(service) }]]))
  const find = createPaths([...targets].map(([path, target]) => ({ path, target })))

  const answer = async (exchange: HttpExchange, methods: Map<string, Target>, params: Params) => {
    try {
      const target = methods.get(exchange.method === 'HEAD' ? 'GET' : exchange.method)
      if (!target) throw common('METHOD_NOT_ALLOWED', { headers: { allow: allowOf(methods) } })
      const answered = await target.answerer(exchange, params)
      if ('json' in answered) return await sendJson(send, exchange, target.status, answered)
      return await sendFile(send, exchange, answered)
    } catch (error) {
      const failure = error instanceof Failure ? error : common('INTERNAL', { cause: error })
      return sendProblem(send, exchange, failure)
    }
  }
  return (exchange) => {
    const { url, method } = exchange
    if (!url.startsWith('/api/') || method === 'OPTIONS') return null
    const found = find(withoutPrefix(pathOf(url)))
    return found && answer(exchange, found.target, found.params)
  }
}
