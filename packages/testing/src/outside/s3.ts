import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type S3Credentials, type SignedRequest, signatureFault } from './s3-signature.ts'

/** An object as it was put. */
export interface S3Object {
  body: Buffer
  readonly contentType: string
  readonly metadata: Readonly<Record<string, string>>
}

/** An S3 server on loopback, with one bucket. */
export interface TestS3 extends AsyncDisposable {
  readonly endpoint: string
  readonly bucket: string
  readonly credentials: S3Credentials
  readonly objects: Map<string, S3Object>
  /** Methods of the requests that came in. */
  readonly requests: string[]
  /** How many of the next requests are answered 503 SlowDown. */
  slowDowns: number
  /** Takes requests and never answers, while it is set. */
  hangs: boolean
}

interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
}

const STATUS: Readonly<Record<string, number>> = {
  NoSuchKey: 404,
  NoSuchBucket: 404,
  InvalidRange: 416,
  BadDigest: 400,
  SlowDown: 503,
  MethodNotAllowed: 405,
  NotImplemented: 501,
  XAmzContentSHA256Mismatch: 400,
}

const refuse = (code: string): Reply => ({
  status: STATUS[code] ?? 403,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
})

const put = (objects: Map<string, S3Object>, key: string, { headers, body }: SignedRequest): Reply => {
  const digest = createHash('sha256').update(body).digest('base64')
  const claimed = headers['x-amz-checksum-sha256']
  if (claimed !== undefined && claimed !== digest) return refuse('BadDigest')
  const metadata = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-amz-meta-'))
    .map(([name, value]) => [name.slice('x-amz-meta-'.length), String(value)])
  objects.set(key, {
    body,
    contentType: headers['content-type'] ?? 'binary/octet-stream',
    metadata: Object.fromEntries(metadata) as Record<string, string>,
  })
  return { status: 200, headers: { etag: `"${digest}"` } }
}

const rangeOf = (
  header: string | undefined,
  size: number,
): { start: number; end: number } | null | undefined => {
  const found = /^bytes=(\d+)-(\d*)$/.exec(header ?? '')
  if (!found) return undefined
  const start = Number(found[1])
  const end = Math.min(found[2] ? Number(found[2]) : size - 1, size - 1)
  return start < size && start <= end ? { start, end } : null
}

const get = ({ body, contentType, metadata }: S3Object, { url, headers }: SignedRequest): Reply => {
  const range = rangeOf(headers.range, body.length)
  if (range === null) return refuse('InvalidRange')
  const part = range ? body.subarray(range.start, range.end + 1) : body
  const disposition = url.searchParams.get('response-content-disposition')
  return {
    status: range ? 206 : 200,
    headers: {
      'accept-ranges': 'bytes',
      'content-type': url.searchParams.get('response-content-type') ?? contentType,
      'content-length': String(part.length),
      ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${body.length}` }),
      ...(disposition !== null && { 'content-disposition': disposition }),
      ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
    },
    body: part,
  }
}

const answer = (objects: Map<string, S3Object>, bucket: string, request: SignedRequest): Reply => {
  const [, first, ...rest] = decodeURIComponent(request.url.pathname).split('/')
  if (first !== bucket) return refuse('NoSuchBucket')
  const key = rest.join('/')
  const found = objects.get(key)
  if (request.method === 'PUT') return put(objects, key, request)
  if (request.method === 'GET' || request.method === 'HEAD')
    return found ? get(found, request) : refuse('NoSuchKey')
  if (request.method !== 'DELETE') return refuse('MethodNotAllowed')
  objects.delete(key)
  return { status: 204 }
}

const write = (
  response: ServerResponse,
  method: string,
  { status, headers = {}, body = '' }: Reply,
): void => {
  response.writeHead(status, {
    'x-amz-request-id': 'test',
    'content-length': String(body.length),
    ...headers,
  })
  response.end(method === 'HEAD' ? undefined : body)
}

/** Starts an S3 server that keeps objects in memory and answers whoever's signature is wrong with 403; port 0 is any that is free. */
export const testS3 = async (now: () => number = Date.now, port = 0): Promise<TestS3> => {
  const credentials = { accessKeyId: 'TESTKEY', secretAccessKey: 'a secret / of + tests' }
  const state = { objects: new Map<string, S3Object>(), requests: [] as string[], slowDowns: 0, hangs: false }
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url: target = '/', headers } = incoming
    state.requests.push(method)
    const body = await buffer(incoming)
    if (state.hangs) return
    const request = { method, target, headers, body, url: new URL(target, `http://${headers.host}`) }
    const fault = signatureFault(request, credentials, now())
    const slow = state.slowDowns > 0
    if (slow) state.slowDowns -= 1
    const refusal = fault ?? (slow ? 'SlowDown' : null)
    write(response, method, refusal === null ? answer(state.objects, 'bucket', request) : refuse(refusal))
  }
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => response.destroy(error as Error))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(state, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket: 'bucket',
    credentials,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
