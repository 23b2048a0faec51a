import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Answer, etagOf, type Failure, toProblem } from '@plinth/kit'
import type { HttpExchange } from './exchange.ts'

const compress = promisify(gzip)

/** Headers that every answer carries (OWASP, HTTP Headers Cheat Sheet). Pages replace the content policy. */
const PROTECTIVE = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
}
const EXPOSED =
  'x-request-id, x-cache, etag, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after'

type HeaderRecord = Record<string, string | string[]>

interface SendSettings {
  readonly compressBytes: number
  readonly origins: readonly string[]
  readonly secure: boolean
}

/** What is sent: status, body, its type, and whether it may be kept by a cache that asks again. */
export interface Outgoing {
  readonly status: number
  readonly type: string
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null
  readonly headers?: Readonly<Record<string, string>>
  readonly etag?: string | undefined
}

const toHeaders = (record: HeaderRecord): Headers | Record<string, string> => {
  // A plain record is written to the socket as it is; only several values of one name need more.
  if (!Array.isArray(record['set-cookie'])) return record as Record<string, string>
  const headers = new Headers()
  for (const [name, value] of Object.entries(record))
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one)
  return headers
}

/** Prepares how answers are sent: protective headers, CORS, entity tags and compression. */
export const prepareSend = ({ compressBytes, origins, secure }: SendSettings) => {
  const fixed: HeaderRecord = secure
    ? { ...PROTECTIVE, 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
    : PROTECTIVE
  const allowed = new Set(origins)

  const headersOf = (exchange: HttpExchange, out: Outgoing): HeaderRecord => {
    const headers: HeaderRecord = {
      ...fixed,
      'content-type': out.type,
      'x-request-id': exchange.requestId,
      ...exchange.answerHeaders,
      ...out.headers,
    }
    const origin = exchange.header('origin')
    if (origin !== undefined && allowed.has(origin)) {
      headers['access-control-allow-origin'] = origin
      headers['access-control-allow-credentials'] = 'true'
      headers['access-control-expose-headers'] = EXPOSED
      headers['cross-origin-resource-policy'] = 'cross-origin'
    }
    if (allowed.size > 0) headers.vary = 'Origin, Accept-Encoding'
    return headers
  }

  const isWorthZipping = (out: Outgoing): out is Outgoing & { body: string } =>
    typeof out.body === 'string' && out.body.length >= compressBytes

  const zipped = async (body: string, status: number, headers: HeaderRecord): Promise<Response> => {
    headers['content-encoding'] = 'gzip'
    return new Response(new Uint8Array(await compress(body)), { status, headers: toHeaders(headers) })
  }

  return (exchange: HttpExchange, out: Outgoing): Response | Promise<Response> => {
    const { status, body, etag } = out
    const headers = headersOf(exchange, out)
    headers['cache-control'] ??= etag === undefined ? 'no-store' : 'private, no-cache'
    if (etag !== undefined) {
      headers.etag = etag
      if (exchange.header('if-none-match')?.includes(etag))
        return new Response(null, { status: 304, headers: toHeaders(headers) })
    }
    if (isWorthZipping(out)) {
      headers.vary ??= 'Accept-Encoding'
      if (/\bgzip\b/.test(exchange.header('accept-encoding') ?? '')) return zipped(out.body, status, headers)
    }
    return new Response(body, { status, headers: toHeaders(headers) })
  }
}

/** Sends one answer; see {@link prepareSend}. */
export type Send = ReturnType<typeof prepareSend>

/** Sends encoded JSON; what was read with GET gets an entity tag. */
export const sendJson = (send: Send, exchange: HttpExchange, status: number, { json, etag }: Answer) =>
  send(exchange, {
    status,
    type: 'application/json',
    body: json,
    etag: exchange.method === 'GET' || exchange.method === 'HEAD' ? (etag ?? etagOf(json)) : undefined,
  })

/** Sends a failure as problem JSON. */
export const sendProblem = (send: Send, exchange: HttpExchange, failure: Failure) =>
  send(exchange, {
    status: failure.status,
    type: 'application/problem+json',
    body: JSON.stringify(toProblem(failure, exchange.requestId)),
    // RFC 9110, section 11.6.1: a 401 says how to sign in.
    headers: failure.status === 401 ? { 'www-authenticate': 'Bearer', ...failure.headers } : failure.headers,
  })
