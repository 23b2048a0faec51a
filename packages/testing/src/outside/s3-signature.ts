import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Who may use a test bucket. */
export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A request as far as it is signed. */
export interface SignedRequest {
  readonly method: string
  readonly url: URL
  /** Path and query as they were sent. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What is wrong with a request, by S3's code. */
export type SignatureFault =
  | 'AccessDenied'
  | 'SignatureDoesNotMatch'
  | 'InvalidAccessKeyId'
  | 'RequestTimeTooSkewed'
  | 'XAmzContentSHA256Mismatch'
  | 'NotImplemented'

const SKEW_MS = 15 * 60_000

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest()

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )

interface Claim {
  readonly credential: string
  readonly date: string
  readonly signedHeaders: string
  readonly signature: string
  readonly payload: string
  readonly expiresMs: number | null
}

const readClaim = ({ url, headers }: SignedRequest): Claim | null => {
  const query = url.searchParams
  if (query.has('X-Amz-Signature'))
    return {
      credential: query.get('X-Amz-Credential') ?? '',
      date: query.get('X-Amz-Date') ?? '',
      signedHeaders: query.get('X-Amz-SignedHeaders') ?? '',
      signature: query.get('X-Amz-Signature') ?? '',
      payload: 'UNSIGNED-PAYLOAD',
      expiresMs: Number(query.get('X-Amz-Expires')) * 1000,
    }
  const stated = /^AWS4-HMAC-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=(\S+)$/.exec(
    headers.authorization ?? '',
  )
  if (!stated) return null
  const [, credential = '', signedHeaders = '', signature = ''] = stated
  const payload = String(headers['x-amz-content-sha256'] ?? '')
  return {
    credential,
    date: String(headers['x-amz-date'] ?? ''),
    signedHeaders,
    signature,
    payload,
    expiresMs: null,
  }
}

const momentOf = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))

/** The canonical request of AWS Signature Version 4. */
const canonical = (
  { method, url, target, headers }: SignedRequest,
  { signedHeaders, payload }: Claim,
): string => {
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&')
  const lines = signedHeaders.split(';').map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replaceAll(/ +/g, ' ')}\n`,
  )
  const [path = ''] = target.split('?')
  return [method, path, query, lines.join(''), signedHeaders, payload].join('\n')
}

const isMissingHeaders = (request: SignedRequest, { signedHeaders, expiresMs }: Claim): boolean => {
  const signed = new Set(signedHeaders.split(';'))
  // Whatever of x-amz- is sent must be signed, and the host always.
  const must = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))
  return !signed.has('host') || (expiresMs === null && must.some((name) => !signed.has(name)))
}

const faultOfTime = ({ date, expiresMs }: Claim, now: number): SignatureFault | null => {
  const age = now - momentOf(date)
  if (expiresMs === null) return Math.abs(age) <= SKEW_MS ? null : 'RequestTimeTooSkewed'
  const isGood = expiresMs > 0 && expiresMs <= 7 * 24 * 3_600_000 && age >= -SKEW_MS && age < expiresMs
  return isGood ? null : 'AccessDenied'
}

const faultOfPayload = ({ payload, expiresMs }: Claim, body: Buffer): SignatureFault | null => {
  if (expiresMs !== null || payload === 'UNSIGNED-PAYLOAD') return null
  if (payload.startsWith('STREAMING-')) return 'NotImplemented'
  return payload === sha256(body) ? null : 'XAmzContentSHA256Mismatch'
}

/** Checks the signature of a request, in its header or its query, as S3 does; null when it is right. */
export const signatureFault = (
  request: SignedRequest,
  { accessKeyId, secretAccessKey }: S3Credentials,
  now: number,
): SignatureFault | null => {
  const claim = readClaim(request)
  if (!claim) return 'AccessDenied'
  const [id, day = '', region = '', service = '', end = ''] = claim.credential.split('/')
  if (id !== accessKeyId) return 'InvalidAccessKeyId'
  if (isMissingHeaders(request, claim) || day !== claim.date.slice(0, 8)) return 'SignatureDoesNotMatch'
  const scope = [day, region, service, end].join('/')
  const text = ['AWS4-HMAC-SHA256', claim.date, scope, sha256(canonical(request, claim))].join('\n')
  const key = [day, region, service, end].reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`)
  const expected = hmac(key, text)
  const given = Buffer.from(claim.signature, 'hex')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'SignatureDoesNotMatch'
  return faultOfTime(claim, now) ?? faultOfPayload(claim, request.body)
}
