import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Answer, etagOf, type Failure, toProblem } from '@plinth/kit'
import type { HttpExchange } from './exchange.ts'
import type { HeaderRecord, Reply } from './reply.ts'

const compress = promisify(gzip)

/** Headers that every answer carries (OWASP, HTTP Headers Cheat Sheet). Pages replace the content policy. */
const PROTECTIVE = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
}

/** Headers that every answer carries; over https also that it is never to be asked for without. */
export const protectiveHeaders = (secure: boolean): Readonly<Record<string, string>> =>
  secure ? { ...PROTECTIVE, 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : PROTECTIVE
const EXPOSED =
  'x-request-id, traceparent, x-cache, x-degraded, etag, content-disposition, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after'

interface SendSettings {
  readonly compressBytes: number
  readonly origins: readonly string[]
  readonly secure: boolean
}

/** What is sent: status, body, its type, and whether it may be kept by a cache that asks again. */
export interface Outgoing {
  readonly status: number
  readonly type: string
  readonly body: Reply['body']
  readonly headers?: Readonly<Record<string, string>>
  readonly etag?: string | undefined
}

const policyOf = ({ headers }: Outgoing): string | undefined => headers?.['content-security-policy']

/** Prepares how answers are sent: protective headers, CORS, entity tags and compression. */
export const prepareSend = ({ compressBytes, origins, secure }: SendSettings) => {
  const fixed = protectiveHeaders(secure)
  const allowed = new Set(origins)

  const headersOf = (exchange: HttpExchange, out: Outgoing): HeaderRecord => {
    const headers: HeaderRecord = {
      ...fixed,
      'content-type': out.type,
      'x-request-id': exchange.requestId,
      ...exchange.answerHeaders,
      ...out.headers,
    }
    // A page that came over https loads nothing without it, whatever it was told.
    if (secure && policyOf(out))
      headers['content-security-policy'] = `${policyOf(out)}; upgrade-insecure-requests`
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

  const zipped = async (body: string, status: number, headers: HeaderRecord): Promise<Reply> => {
    headers['content-encoding'] = 'gzip'
    return { status, headers, body: new Uint8Array(await compress(body)) }
  }

  return (exchange: HttpExchange, out: Outgoing): Reply | Promise<Reply> => {
    const { status, body, etag } = out
    const headers = headersOf(exchange, out)
    headers['cache-control'] ??= etag === undefined ? 'no-store' : 'private, no-cache'
    if (etag !== undefined) {
      headers.etag = etag
      if (exchange.header('if-none-match')?.includes(etag)) return { status: 304, headers, body: null }
    }
    if (isWorthZipping(out)) {
      headers.vary ??= 'Accept-Encoding'
      if (/\bgzip\b/.test(exchange.header('accept-encoding') ?? '')) return zipped(out.body, status, headers)
    }
    return { status, headers, body }
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
