import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let app: TestApp
let folder: string
let token: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plinth-headers-'))
  app = await testApp({
    env: {
      PLINTH_PUBLIC_URL: 'https://api.example',
      PLINTH_ORIGINS: 'https://app.example',
      PLINTH_TRUSTED_PROXIES: '1',
      PLINTH_FILES_FOLDER: folder,
      PLINTH_HTTP_MAX_BODY_BYTES: '2000',
    },
  })
  token = (await app.as('admin')).accessToken
})
afterAll(async () => {
  await app[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

type Answer = Readonly<Record<string, string>> & { readonly status: string; readonly body: string }

/** Sends bytes as they are and reads the whole answer, for what no client would send. */
const raw = async (bytes: string, to = app.url): Promise<Answer> => {
  const { hostname, port } = new URL(to)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  socket.write(bytes)
  await once(socket, 'close')
  const [head = '', ...body] = text.split('\r\n\r\n')
  const [line = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((each) => {
      const at = each.indexOf(':')
      return [each.slice(0, at).toLowerCase(), each.slice(at + 1).trim()]
    }),
  )
  return { ...headers, status: line.slice(9, 12), body: body.join('\r\n\r\n') }
}

const request = (line: string, ...headers: string[]): string =>
  [`${line} HTTP/1.1`, 'Host: a', 'Connection: close', ...headers, '', ''].join('\r\n')
const authorized = () => `Authorization: Bearer ${token}`
const post = (path: string, body: string, ...headers: string[]): string =>
  request(
    `POST ${path}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  ) + body
const upgrade = (...headers: string[]): string =>
  request(
    'GET /trpc-ws',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  ).replace('Connection: close', 'Connection: Upgrade')

const isProtected = (answer: Answer): void => {
  expect(answer['x-content-type-options']).toBe('nosniff')
  expect(answer['x-frame-options']).toBe('DENY')
  expect(answer['referrer-policy']).toBe('no-referrer')
  expect(answer['content-security-policy']).toMatch(/^default-src 'none';.*frame-ancestors 'none'/)
  expect(answer['cross-origin-resource-policy']).toBeDefined()
  expect(answer['cross-origin-opener-policy']).toBe('same-origin')
  expect(answer['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
  expect(answer['x-request-id']).toBeDefined()
}

describe('every answer carries the protective headers', () => {
  const cases: Readonly<Record<string, readonly [status: string, make: () => string]>> = {
    'a good answer over REST': ['200', () => request('GET /api/v1/products')],
    'a good answer over tRPC': ['200', () => request('GET /trpc/commerce.products.list?input=%7B%7D')],
    'a batch that ends differently': [
      '207',
      () => request('GET /trpc/commerce.tags.list,commerce.nothing?batch=1'),
    ],
    'something that was made': ['201', () => post('/api/v1/tags', '{"name":"Shown"}', authorized())],
    'one to whom nothing is new': ['304', () => request('GET /docs/errors', 'If-None-Match: none')],
    'a head': ['200', () => request('HEAD /api/v1/products')],
    'a preflight': ['204', () => request('OPTIONS /api/v1/products', 'Origin: https://app.example')],
    'an answer for another origin': [
      '200',
      () => request('GET /api/v1/products', 'Origin: https://app.example'),
    ],
    'a compressed answer': ['200', () => request('GET /openapi.json', 'Accept-Encoding: gzip')],
    'a redirect': ['302', () => request('GET /')],
    'the reference': ['200', () => request('GET /docs')],
    'a script': ['200', () => request('GET /verify-email.js')],
    'the page of errors': ['200', () => request('GET /docs/errors')],
    'robots.txt': ['200', () => request('GET /robots.txt')],
    'the mailbox': ['200', () => request('GET /mailbox')],
    health: ['200', () => request('GET /health')],
    readiness: ['200', () => request('GET /ready')],
    metrics: ['200', () => request('GET /metrics')],
    'a file that is not there': ['404', () => request('GET /files/none')],
    'malformed JSON': ['400', () => post('/api/v1/auth/login', '{')],
    'a request without a host': ['400', () => 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    'a request that is none': ['400', () => 'NOT HTTP\r\n\r\n'],
    'nobody signed in': ['401', () => request('GET /api/v1/jobs')],
    'an origin that may not write': [
      '403',
      () => post('/api/v1/tags', '{}', 'Origin: https://evil.example', `Cookie: plinth_access=${token}`),
    ],
    'an unknown route': ['404', () => request('GET /nowhere')],
    'an unknown route of the API': ['404', () => request('GET /api/v1/nowhere')],
    'an unknown procedure': ['404', () => request('GET /trpc/core.nowhere')],
    'a wrong method': ['405', () => request('DELETE /api/v1/products')],
    'a wrong method on a page': ['405', () => request('PUT /docs')],
    'a body that is too large': ['413', () => post('/api/v1/auth/login', `{"a":"${'x'.repeat(3000)}"}`)],
    'a type that is not taken': [
      '415',
      () => post('/api/v1/auth/login', 'x').replace('application/json', 'text/plain'),
    ],
    'bad input': ['422', () => post('/api/v1/auth/login', '{}')],
    'headers that are too large': ['431', () => request('GET /', `X: ${'x'.repeat(20_000)}`)],
    'what is expected and not known': [
      '200',
      () => request('GET /api/v1/products', 'Expect: the-unexpected'),
    ],
    'an upgrade from another origin': ['403', () => upgrade('Origin: https://evil.example')],
  }
  test.each(Object.entries(cases))('%s', async (name, [status, make]) => {
    let bytes = make()
    if (status === '304') {
      const first = await raw(request('GET /api/v1/tags'))
      bytes = request('GET /api/v1/tags', `If-None-Match: ${first.etag}`)
    }
    const answer = await raw(bytes)
    expect(answer.status, name).toBe(status)
    isProtected(answer)
  })

  test('one that is refused for its address, also an upgrade', async () => {
    const { core } = (await app.as('admin')).client
    await core.bans.create.mutate({ address: '203.0.113.7', minutes: 5, reason: 'A test' })
    await core.addressRules.create.mutate({ effect: 'deny', range: '203.0.113.8', reason: 'A test' })
    await app.settle()
    for (const [address, status] of [
      ['203.0.113.7', '429'],
      ['203.0.113.8', '403'],
    ]) {
      for (const bytes of [
        request('GET /docs', `X-Forwarded-For: ${address}`),
        upgrade(`X-Forwarded-For: ${address}`),
      ]) {
        const answer = await raw(bytes)
        expect(answer.status).toBe(status)
        expect(JSON.parse(answer.body)).toMatchObject({
          status: Number(status),
          requestId: answer['x-request-id'],
        })
        isProtected(answer)
      }
    }
    expect(Number((await raw(upgrade('X-Forwarded-For: 203.0.113.7')))['retry-after'])).toBe(300)
  })

  test('one that is shed', async () => {
    const { gate } = app.composed.app.gates
    const leave = Array.from({ length: app.settings.http.maxInFlight }, () => gate.enter())
    const answer = await raw(request('GET /api/v1/products'))
    for (const each of leave) each()
    expect(answer.status).toBe('503')
    isProtected(answer)
  })

  test('an event stream', async () => {
    const answer = await raw(
      request(
        'GET /trpc/commerce.tags.list?batch=1&input=%7B%220%22%3A%7B%7D%7D',
        'trpc-accept: application/jsonl',
      ),
    )
    expect(answer.status).toBe('200')
    isProtected(answer)
  })
})

test('a page over https asks for all that it loads over https; over http it does not', async () => {
  expect((await raw(request('GET /docs')))['content-security-policy']).toMatch(/; upgrade-insecure-requests$/)
  await using plain = await testApp()
  const page = await raw(request('GET /docs'), plain.url)
  expect(page['content-security-policy']).not.toContain('upgrade-insecure-requests')
  expect(page['strict-transport-security']).toBeUndefined()
  expect(page['x-frame-options']).toBe('DENY')
})
