import type { Route } from '@plinth/contract'
import type { Exchange } from '../exchange.ts'
import { common } from '../failure.ts'
import type { FileAnswer } from '../implement.ts'
import type { Answer, Call, Prepared } from '../pipeline.ts'
import { readBody } from './body.ts'
import { prepareText } from './text.ts'

/** Path parameters by name, decoded. */
export type Params = Readonly<Record<string, string>>

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const queryOf = (url: string): string => {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at + 1)
}

const withPath = (body: unknown, params: Record<string, unknown>): unknown => {
  if (body !== undefined && !isRecord(body)) return body
  for (const [key, value] of Object.entries(params)) {
    if (body && key in body && body[key] !== value)
      throw common('INVALID_INPUT', { errors: [{ path: key, message: 'differs from the one in the path' }] })
  }
  return { ...body, ...params }
}

/** Prepares how one route's request becomes the input of its procedure. */
const prepareReader = (prepared: Prepared, route: Route) => {
  const toInput = prepareText(prepared.procedure.input)
  const fromUrl = (exchange: Exchange, params: Params) => toInput(queryOf(exchange.url), params)
  const fromBody = async (exchange: Exchange, params: Params) => {
    const body = await readBody(exchange, prepared.files)
    return route.params.length === 0 ? body : withPath(body, toInput('', params))
  }
  return route.method === 'GET' || route.method === 'DELETE' ? fromUrl : fromBody
}

/** Prepares one REST route: the same procedure as over tRPC, its input read from path, query and body. */
export const prepareRest = (prepared: Prepared, route: Route) => {
  const read = prepareReader(prepared, route)
  const isDownload = prepared.procedure.kind === 'download'
  return (exchange: Exchange, params: Params): Promise<Answer | FileAnswer> => {
    const call: Call = { exchange, wire: 'rest', index: 0, readInput: () => read(exchange, params) }
    return isDownload ? (prepared.open(call) as Promise<FileAnswer>) : prepared.call(call)
  }
}
