import { once } from 'node:events'
import { connect } from 'node:net'
import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const SHOP = 'https://shop.example.com'

let app: TestApp
beforeAll(async () => {
  app = await testApp({ env: { PLINTH_ORIGINS: SHOP } })
  const admin = await app.as('admin')
  for (let index = 0; index < 20; index++)
    await admin.client.commerce.products.create.mutate({
      name: `Product ${index}`,
      description: 'Long enough to be worth compressing. '.repeat(5),
      price: { amount: 100 + index, currency: 'EUR' },
    })
})
afterAll(() => app[Symbol.asyncDispose]())

describe('every answer', () => {
  test.each([
    ['GET', '/api/v1/products'],
    ['GET', '/trpc/commerce.products.list'],
    ['GET', '/nowhere'],
    ['PATCH', '/api/v1/products'],
    ['GET', '/health'],
    ['GET', '/docs'],
  ])('carries the protective headers and a request id: %s %s', async (method, path) => {
    const { headers } = await app.rest(method, path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('x-request-id')).toMatch(/^[\w-]{8,}$/)
  })

  test('keeps a request id that was sent, and replaces one that could harm a log', async () => {
    const sent = await app.rest('GET', '/health', { headers: { 'x-request-id': 'from-the-client' } })
    expect(sent.headers.get('x-request-id')).toBe('from-the-client')
    const bad = await app.rest('GET', '/health', { headers: { 'x-request-id': 'a"{}' } })
    expect(bad.headers.get('x-request-id')).not.toBe('a"{}')
  })

  test('is logged with its request id, route, status and time, and without its query', async () => {
    await app.rest('GET', '/api/v1/products?limit=1', { headers: { 'x-request-id': 'logged-request' } })
    const line = app.logged.find(({ requestId }) => requestId === 'logged-request')
    expect(line).toMatchObject({
      level: 'info',
      module: 'access',
      method: 'GET',
      path: '/api/v1/products',
      status: 200,
    })
    expect(line?.ms).toEqual(expect.any(Number))
  })
})

describe('paths', () => {
  test('both prefixes and a trailing slash answer the same', async () => {
    const texts = []
    for (const path of ['/api/v1/products', '/api/products', '/api/v1/products/', '/api/products/'])
      texts.push((await app.rest('GET', `${path}?limit=2`)).text)
    expect(new Set(texts).size).toBe(1)
  })
  test('words win over ids', async () => {
    expect((await app.rest('GET', '/api/products/search?q=product')).status).toBe(200)
  })
  test('HEAD answers the headers of GET without its body', async () => {
    const head = await app.rest('HEAD', '/api/v1/products')
    expect([head.status, head.text]).toEqual([200, ''])
    expect(head.headers.get('etag')).toBe((await app.rest('GET', '/api/v1/products')).headers.get('etag'))
  })
})

/** What the server answers to bytes that are no proper request. */
const sendRaw = async (bytes: string): Promise<string> => {
  const { hostname, port } = new URL(app.url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += String(chunk)
  })
  socket.write(bytes)
  await once(socket, 'close')
  return answer
}

describe('what is not served', () => {
  test.each(['/health', '/openapi.json', '/docs', '/mailbox'])(
    '%s by another method is 405 with Allow',
    async (path) => {
      const answer = await app.rest('POST', path)
      expect(answer.body).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' })
      expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
    },
  )
  test('a 401 says how to sign in', async () => {
    expect((await app.rest('GET', '/api/v1/user/profile')).headers.get('www-authenticate')).toBe('Bearer')
  })
  test('bytes that are no request, and headers without end, are told so as a problem', async () => {
    const broken = await sendRaw('NONSENSE\r\n\r\n')
    expect(broken).toContain('400 Bad Request')
    expect(broken).toContain('"code":"MALFORMED_REQUEST"')
    const flood = await sendRaw(`GET / HTTP/1.1\r\nHost: a\r\nX-Flood: ${'x'.repeat(70_000)}\r\n\r\n`)
    expect(flood).toContain('431 Request Header Fields Too Large')
  })
})

describe('CORS', () => {
  test('lets the pages of the allow-list read, with cookies', async () => {
    const { headers } = await app.rest('GET', '/api/v1/products', { headers: { origin: SHOP } })
    expect(headers.get('access-control-allow-origin')).toBe(SHOP)
    expect(headers.get('access-control-allow-credentials')).toBe('true')
    expect(headers.get('vary')).toContain('Origin')
  })
  test('tells no other page anything', async () => {
    const { headers } = await app.rest('GET', '/api/v1/products', {
      headers: { origin: 'https://evil.example' },
    })
    expect(headers.get('access-control-allow-origin')).toBeNull()
    expect(headers.get('vary')).toContain('Origin')
  })
  test('answers a preflight', async () => {
    const { status, headers } = await app.rest('OPTIONS', '/api/v1/products', {
      headers: { origin: SHOP, 'access-control-request-method': 'POST' },
    })
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-methods')).toContain('POST')
    expect(headers.get('access-control-allow-headers')).toContain('idempotency-key')
  })
})

describe('a read', () => {
  test('is not sent again to whom has it', async () => {
    const first = await app.rest('GET', '/api/v1/products')
    const etag = first.headers.get('etag') ?? ''
    const again = await app.rest('GET', '/api/v1/products', { headers: { 'if-none-match': etag } })
    expect([again.status, again.text]).toEqual([304, ''])
    const other = await app.rest('GET', '/api/v1/products?limit=1', { headers: { 'if-none-match': etag } })
    expect(other.status).toBe(200)
  })
  test('is compressed when it is large enough and the client takes it', async () => {
    const wire = async (path: string, encoding: string) => {
      const answer = await fetch(app.url + path, { headers: { 'accept-encoding': encoding } })
      return { encoding: answer.headers.get('content-encoding'), body: await answer.text() }
    }
    const plain = await wire('/api/v1/products', 'identity')
    const zipped = await wire('/api/v1/products', 'gzip')
    expect([plain.encoding, zipped.encoding]).toEqual([null, 'gzip'])
    expect(zipped.body).toBe(plain.body)
    expect((await wire('/health', 'gzip')).encoding).toBeNull()
  })
})

describe('state', () => {
  test('/health and /ready list each part with its state and time', async () => {
    for (const path of ['/health', '/ready']) {
      const { status, body } = await app.rest('GET', path)
      expect(status).toBe(200)
      expect(body).toMatchObject({
        status: 'up',
        checks: expect.arrayContaining([
          { name: 'database', state: 'up', ms: expect.any(Number) },
          { name: 'background', state: 'up', ms: expect.any(Number) },
        ]),
      })
    }
  })
  test('/metrics tells answers by procedure, wire and status, queries and the cache', async () => {
    await app.rest('GET', '/api/v1/products')
    const { text } = await app.rest('GET', '/metrics')
    expect(text).toContain(
      'plinth_answer_seconds_bucket{le="0.2",procedure="commerce.products.list",wire="rest",status="200"}',
    )
    for (const name of [
      'plinth_query_seconds_count',
      'plinth_cache_total',
      'process_resident_memory_bytes',
      'plinth_requests_in_flight',
      'plinth_jobs_kept',
      'plinth_cache_state{of="hits"}',
      'plinth_connections{of="read_',
    ])
      expect(text).toContain(name)
  })
  test('an answer above the threshold is flagged in the log and in the metrics', async () => {
    await using slow = await testApp({ env: { PLINTH_HTTP_SLOW_ANSWER_MS: '1' } })
    await slow.as('user')
    expect(slow.logged.find(({ msg }) => msg === 'slow answer')).toMatchObject({
      level: 'warn',
      procedure: 'core.sessions.login',
      ms: expect.any(Number),
    })
    expect((await slow.rest('GET', '/metrics')).text).toContain(
      'plinth_slow_answers_total{procedure="core.sessions.login"} 1',
    )
  })
  test('/metrics asks for the token when there is one', async () => {
    await using guarded = await testApp({ env: { PLINTH_METRICS_TOKEN: 'a-token-for-metrics' } })
    expect((await guarded.rest('GET', '/metrics')).status).toBe(401)
    for (const token of ['', 'another-token-of-it', 'a-token-for-metricz'])
      expect((await guarded.rest('GET', '/metrics', { token })).status, token).toBe(401)
    expect((await guarded.rest('GET', '/metrics', { token: 'a-token-for-metrics' })).status).toBe(200)
  })
  test('/health is 503 when the database does not answer, and says so without internals', async () => {
    const broken = await testApp()
    await broken.composed.db.close()
    const { status, body } = await broken.rest('GET', '/health')
    expect(status).toBe(503)
    expect(body).toMatchObject({
      status: 'down',
      checks: expect.arrayContaining([expect.objectContaining({ name: 'database', state: 'down' })]),
    })
    await broken[Symbol.asyncDispose]()
  })
})
