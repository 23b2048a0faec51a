import type { Exchange } from '../exchange.ts'
import { common, Failure, toTrpcError } from '../failure.ts'
import type { Call, Prepared } from '../pipeline.ts'
import type { Service } from '../service.ts'
import { parseJson, readBody } from './body.ts'

/** A whole answer over tRPC. */
export interface TrpcAnswer {
  readonly status: number
  readonly body: string
  readonly etag: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

interface Part {
  readonly status: number
  readonly body: string
  readonly etag?: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

const NO_HEADERS = {}

const failed = (failure: Failure, requestId: string, path: string | undefined): Part => ({
  status: failure.status,
  body: `{"error":${JSON.stringify(toTrpcError(failure, requestId, path))}}`,
  headers: failure.headers,
})

const asFailure = (error: unknown): Failure =>
  error instanceof Failure ? error : common('INTERNAL', { cause: error })

const checkMethod = (prepared: Prepared, method: string): void => {
  const { kind } = prepared.procedure
  const allowed = kind === 'mutation' || kind === 'upload' ? 'POST' : 'GET'
  if (method !== allowed) throw common('METHOD_NOT_ALLOWED', { headers: { allow: allowed } })
}

/** Reads the inputs of a request lazily and once: a request that is refused before costs no parsing. */
const inputReader = (exchange: Exchange, query: URLSearchParams, isBatch: boolean) => {
  let whole: Promise<unknown> | undefined
  const read = async (): Promise<unknown> => {
    if (exchange.method !== 'GET') return readBody(exchange)
    const text = query.get('input')
    return text === null ? undefined : parseJson(text)
  }
  return async (index: number): Promise<unknown> => {
    whole ??= read()
    const value = await whole
    if (!isBatch || value === undefined) return value
    if (typeof value !== 'object' || value === null) throw common('MALFORMED_REQUEST')
    return (value as Readonly<Record<string, unknown>>)[index]
  }
}

const answerOne = async (service: Service, exchange: Exchange, call: Call, path: string): Promise<Part> => {
  try {
    const prepared = service.procedures.get(path)
    if (!prepared) throw common('ROUTE_NOT_FOUND')
    checkMethod(prepared, exchange.method)
    const { json, etag } = await prepared.call(call)
    return { status: 200, body: `{"result":{"data":${json}}}`, etag, headers: NO_HEADERS }
  } catch (error) {
    return failed(asFailure(error), exchange.requestId, path)
  }
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw common('MALFORMED_REQUEST', { cause })
  }
}

const merge = (parts: readonly Part[]): TrpcAnswer => {
  const [first] = parts
  const same = parts.every((part) => part.status === first?.status)
  return {
    // 207 when calls of one batch ended differently, as tRPC's own handler does.
    status: same && first ? first.status : 207,
    body: `[${parts.map((part) => part.body).join(',')}]`,
    etag: undefined,
    headers: Object.fromEntries(parts.flatMap((part) => Object.entries(part.headers))),
  }
}

/** Whether tRPC's own handler has to answer: event streams and streamed batches. */
export const isStream = (service: Service, exchange: Exchange, path: string): boolean =>
  exchange.header('trpc-accept') === 'application/jsonl' ||
  exchange.header('accept') === 'application/jsonl' ||
  service.procedures.get(path)?.procedure.kind === 'subscription'

/**
 * Answers a plain or batched tRPC request straight from its procedures.
 * @param path what follows `/trpc/`: one name, or several joined by commas in a batch.
 */
export const answerTrpc = async (service: Service, exchange: Exchange, path: string): Promise<TrpcAnswer> => {
  try {
    const at = exchange.url.indexOf('?')
    const query = new URLSearchParams(at < 0 ? '' : exchange.url.slice(at + 1))
    const isBatch = query.get('batch') === '1'
    const names = isBatch ? decode(path).split(',') : [decode(path)]
    if (names.length > service.deps.settings.maxBatch) throw common('TOO_LARGE')
    const read = inputReader(exchange, query, isBatch)
    const parts = names.map((name, index) =>
      answerOne(service, exchange, { exchange, wire: 'trpc', index, readInput: () => read(index) }, name),
    )
    if (isBatch) return merge(await Promise.all(parts))
    const [only] = await Promise.all(parts)
    return { etag: undefined, ...(only ?? failed(common('ROUTE_NOT_FOUND'), exchange.requestId, path)) }
  } catch (error) {
    return { etag: undefined, ...failed(asFailure(error), exchange.requestId, undefined) }
  }
}
