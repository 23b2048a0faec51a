import { type ParsedUrlQuery, parse } from 'node:querystring'
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

const NO_HEADERS = {}
const NO_QUERY: ParsedUrlQuery = {}

const failed = (failure: Failure, requestId: string, path: string | undefined): TrpcAnswer => ({
  status: failure.status,
  body: `{"error":${JSON.stringify(toTrpcError(failure, requestId, path))}}`,
  etag: undefined,
  headers: failure.headers,
})

const asFailure = (error: unknown): Failure =>
  error instanceof Failure ? error : common('INTERNAL', { cause: error })

const checkMethod = (prepared: Prepared, method: string): void => {
  const { kind } = prepared.procedure
  const allowed = kind === 'mutation' || kind === 'upload' ? 'POST' : 'GET'
  if (method !== allowed) throw common('METHOD_NOT_ALLOWED', { headers: { allow: allowed } })
}

const firstOf = (values: ParsedUrlQuery[string]): string | undefined =>
  Array.isArray(values) ? values[0] : values

const readQuery = ({ input }: ParsedUrlQuery): unknown => {
  const text = firstOf(input)
  return text === undefined ? undefined : parseJson(text)
}

/** Reads the inputs of a batch lazily and once: a request that is refused before costs no parsing. */
const batchReader = (exchange: Exchange, query: ParsedUrlQuery) => {
  let whole: Promise<unknown> | undefined
  const read = async () => (exchange.method === 'GET' ? readQuery(query) : readBody(exchange))
  return async (index: number): Promise<unknown> => {
    whole ??= read()
    const value = await whole
    if (value === undefined) return value
    if (typeof value !== 'object' || value === null) throw common('MALFORMED_REQUEST')
    return (value as Readonly<Record<string, unknown>>)[index]
  }
}

const answerOne = async (
  service: Service,
  exchange: Exchange,
  call: Call,
  path: string,
): Promise<TrpcAnswer> => {
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

const merge = (parts: readonly TrpcAnswer[]): TrpcAnswer => {
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

const isStreamedBatch = ({ settings }: Service['deps'], exchange: Exchange, path: string): boolean =>
  (exchange.header('trpc-accept') === 'application/jsonl' ||
    exchange.header('accept') === 'application/jsonl') &&
  /[?&]batch=1(&|$)/.test(exchange.url) &&
  !exchange.header('content-type')?.startsWith('multipart/') &&
  // What is no batch that may be streamed is refused like one that is not streamed.
  path.split(',', settings.maxBatch + 1).length <= settings.maxBatch

const isSubscription = (service: Service, path: string): boolean =>
  service.procedures.get(path)?.procedure.kind === 'subscription'

/** Whether tRPC's own handler has to answer: event streams and streamed batches. */
export const isStream = (service: Service, exchange: Exchange, path: string): boolean =>
  isSubscription(service, path) || isStreamedBatch(service.deps, exchange, path)

const answerBatch = async (
  service: Service,
  exchange: Exchange,
  names: readonly string[],
  query: ParsedUrlQuery,
): Promise<TrpcAnswer> => {
  if (names.length > service.deps.settings.maxBatch) throw common('TOO_LARGE')
  const read = batchReader(exchange, query)
  const parts = names.map((name, index) =>
    answerOne(service, exchange, { exchange, wire: 'trpc', index, readInput: () => read(index) }, name),
  )
  return merge(await Promise.all(parts))
}

/**
 * Answers a plain or batched tRPC request straight from its procedures.
 * @param path what follows `/trpc/`: one name, or several joined by commas in a batch.
 */
export const answerTrpc = async (service: Service, exchange: Exchange, path: string): Promise<TrpcAnswer> => {
  try {
    const at = exchange.url.indexOf('?')
    const query = at < 0 ? NO_QUERY : parse(exchange.url.slice(at + 1))
    const names = decode(path)
    if (firstOf(query.batch) === '1') return await answerBatch(service, exchange, names.split(','), query)
    const files = service.procedures.get(names)?.files
    const readInput = () => (exchange.method === 'GET' ? readQuery(query) : readBody(exchange, files))
    return await answerOne(service, exchange, { exchange, wire: 'trpc', index: 0, readInput }, names)
  } catch (error) {
    return failed(asFailure(error), exchange.requestId, undefined)
  }
}
