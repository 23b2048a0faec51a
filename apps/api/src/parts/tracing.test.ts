import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { adapterMigrations } from '@plinth/adapters'
import { nothing, query, subscription } from '@plinth/contract'
import { eventually } from '@plinth/db/testing'
import { bind, implementer, type KitTables, kitMigrations, type Outside } from '@plinth/kit'
import { type TestApp, type TestServer, testApp, testServer } from '@plinth/testing'
import {
  type CollectedSpan,
  type TestCollector,
  type TestSmtp,
  testCollector,
  testSmtp,
} from '@plinth/testing/outside'
import { tracked } from '@trpc/server'
import { expect, test } from 'vitest'
import { z } from 'zod'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const CALLER = 'b7ad6b7169203331'
const SAMPLED = { traceparent: `00-${TRACE}-${CALLER}-01` }
const UNSAMPLED = { traceparent: `00-${TRACE}-${CALLER}-00` }

const over = ({ url }: TestCollector, more: Readonly<Record<string, string>> = {}) => ({
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url,
  PLINTH_TRACING_EVERY_MS: '5',
  ...more,
})

const overMail = (collector: TestCollector, { host }: TestSmtp) =>
  over(collector, {
    PLINTH_MAIL_TRANSPORT: 'smtp',
    PLINTH_MAIL_URL: `smtp://${host}`,
    PLINTH_MAIL_FROM: 'Plinth <no-reply@plinth.example>',
    PLINTH_MAIL_TLS: 'offered',
  })

/** The spans of a trace once as many as these names have come. */
const spansOf = async (collector: TestCollector, traceId: string, ...names: string[]) => {
  const found = () => collector.spans.filter((span) => span.traceId === traceId)
  await eventually(() => {
    expect(found().map(({ name }) => name)).toEqual(expect.arrayContaining(names))
  })
  return found()
}

const named = (spans: readonly CollectedSpan[], name: string): CollectedSpan => {
  const span = spans.find((one) => one.name === name)
  if (!span) throw new Error(`no span ${name} among ${spans.map((one) => one.name).join(', ')}`)
  return span
}

const traceOf = (headers: Headers): string => headers.get('traceparent')?.split('-')[1] ?? ''

/** All names on the way from a span up to the one that came from outside. */
const pathUp = (spans: readonly CollectedSpan[], from: CollectedSpan): string[] => {
  const parent = spans.find(({ spanId }) => spanId === from.parentSpanId)
  return parent ? [from.name, ...pathUp(spans, parent)] : [from.name]
}

test('a request over REST with a traceparent is one trace: request, procedure, statement; its answer and log lines name it', async () => {
  await using collector = await testCollector()
  await using app = await testApp({ env: over(collector) })
  const { headers } = await app.rest('GET', '/api/v1/products/search?q=private-words', { headers: SAMPLED })
  const spans = await spansOf(collector, TRACE, 'GET commerce.products.search', 'commerce.products.search')
  const request = named(spans, 'GET commerce.products.search')
  expect(request).toMatchObject({ parentSpanId: CALLER, kind: 2, failed: false, service: 'plinth' })
  expect(request.attributes).toMatchObject({
    'http.request.method': 'GET',
    'url.path': '/api/v1/products/search',
    'http.response.status_code': 200,
  })
  expect(headers.get('traceparent')).toBe(`00-${TRACE}-${request.spanId}-01`)
  const statement = spans.find(({ attributes }) => 'db.query.text' in attributes)
  expect(statement && pathUp(spans, statement).slice(1)).toEqual([
    'commerce.products.search',
    'GET commerce.products.search',
  ])
  expect(statement).toMatchObject({ kind: 3 })
  expect(String(statement?.attributes['db.query.text'])).toMatch(/^(select|with) /)
  for (const { startMs, endMs } of spans) {
    expect(startMs).toBeGreaterThanOrEqual(request.startMs - 0.01)
    expect(endMs).toBeLessThanOrEqual(request.endMs + 0.01)
  }
  expect(JSON.stringify(spans)).not.toContain('private-words')
  expect(app.logged.find(({ msg }) => msg === 'answered')).toMatchObject({ traceId: TRACE })
})

test('a trace goes on from the request through its event and job to the mail that is sent', async () => {
  await using collector = await testCollector()
  await using smtp = await testSmtp()
  await using app = await testApp({ env: overMail(collector, smtp) })
  const body = { email: 'ada@example.com', name: 'Ada', password: 'a long enough test phrase 7' }
  const { headers, status } = await app.rest('POST', '/api/v1/auth/register', { body })
  expect(status).toBe(201)
  await app.settle()
  expect(smtp.received).toHaveLength(1)
  const spans = await spansOf(collector, traceOf(headers), 'call mail', 'job send-verification-mail')
  const mail = named(spans, 'call mail')
  expect(mail).toMatchObject({ kind: 3, attributes: { 'peer.service': 'mail' } })
  expect(pathUp(spans, mail)).toEqual([
    'call mail',
    'job send-verification-mail',
    'event accounts.registered',
    'core.accounts.register',
    'POST core.accounts.register',
  ])
  expect(pathUp(spans, named(spans, 'insert outbox')).at(1)).toBe('core.accounts.register')
  expect(JSON.stringify(collector.spans)).not.toContain('ada@example.com')
})

test('a job that fails is tried again in the same trace, and its log lines name it', async () => {
  await using collector = await testCollector()
  await using smtp = await testSmtp()
  smtp.refusals.set('full@example.com', 450)
  await using app = await testApp({ env: overMail(collector, smtp) })
  const body = { email: 'full@example.com', name: 'Ada', password: 'a long enough test phrase 7' }
  await app.rest('POST', '/api/v1/auth/register', { body, headers: SAMPLED })
  await app.settle()
  app.clock.advance(3_600_000)
  await app.settle()
  const attempts = await eventually(() => {
    const found = collector.spans.filter(({ name }) => name === 'job send-verification-mail')
    expect(found).toHaveLength(2)
    return found
  })
  expect(attempts).toMatchObject([
    { traceId: TRACE, failed: true, attributes: { 'plinth.attempt': 1 } },
    { traceId: TRACE, failed: true, attributes: { 'plinth.attempt': 2 } },
  ])
  expect(app.logged.find(({ module }) => module === 'jobs')).toMatchObject({ traceId: TRACE })
})

test('a call over tRPC is a trace of its own, and a batch is one request with a span for each of its calls', async () => {
  await using collector = await testCollector()
  await using app = await testApp({ env: over(collector) })
  const input = encodeURIComponent(JSON.stringify({ limit: 1 }))
  const single = await app.rest('GET', `/trpc/commerce.products.list?input=${input}`)
  const one = await spansOf(collector, traceOf(single.headers), 'GET commerce.products.list')
  expect(named(one, 'GET commerce.products.list').parentSpanId).toBeUndefined()
  expect(named(one, 'commerce.products.list').attributes).toMatchObject({ 'plinth.wire': 'trpc' })

  const inputs = encodeURIComponent(JSON.stringify({ 0: { limit: 1 }, 1: { id: 'usr_none' } }))
  const path = `/trpc/commerce.products.list,core.accounts.get?batch=1&input=${inputs}`
  const batch = await app.rest('GET', path, { headers: SAMPLED })
  expect(batch.status).toBe(207)
  const spans = await spansOf(collector, TRACE, 'GET batch')
  const request = named(spans, 'GET batch')
  for (const name of ['commerce.products.list', 'core.accounts.get'])
    expect(named(spans, name).parentSpanId).toBe(request.spanId)
  // Somebody who may not is no fault of the server.
  expect(named(spans, 'core.accounts.get')).toMatchObject({
    failed: false,
    attributes: { 'plinth.code': 'NOT_SIGNED_IN' },
  })
})

const registered = async (app: TestApp) => {
  const body = { email: 'ada@example.com', name: 'Ada', password: 'a long enough test phrase 7' }
  const { headers } = await app.rest('POST', '/api/v1/auth/register', { body, headers: UNSAMPLED })
  await app.settle()
  return headers
}

test('what the caller does not sample is not recorded, nor are the jobs that follow; the ids go on all the same', async () => {
  await using collector = await testCollector()
  await using app = await testApp({ env: over(collector) })
  const headers = await registered(app)
  expect(headers.get('traceparent')).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`))
  expect(app.logged.find(({ msg }) => msg === 'answered')).toMatchObject({ traceId: TRACE })
  const { headers: after } = await app.rest('GET', '/api/v1/products?limit=1')
  await spansOf(collector, traceOf(after), 'GET commerce.products.list')
  expect(collector.spans.filter(({ traceId }) => traceId === TRACE)).toEqual([])
})

test('a share of what begins here is kept; what comes sampled is kept whatever the share, and what is none begins anew', async () => {
  await using collector = await testCollector()
  await using app = await testApp({ env: over(collector, { OTEL_TRACES_SAMPLER_ARG: '0' }) })
  const path = '/api/v1/products?limit=1'
  const begun = await app.rest('GET', path)
  expect(begun.headers.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  for (const traceparent of ['00-1-2-01', `00-${'0'.repeat(32)}-${CALLER}-01`, `ff-${TRACE}-${CALLER}-01`]) {
    const { headers } = await app.rest('GET', path, { headers: { traceparent } })
    expect(traceOf(headers)).toMatch(/^(?!0+$)[0-9a-f]{32}$/)
    expect(traceOf(headers)).not.toBe(TRACE)
  }
  await app.rest('GET', path, { headers: SAMPLED })
  await spansOf(collector, TRACE, 'GET commerce.products.list')
  expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]))
})

const rates = {
  current: query({ summary: 'Read the rates', access: 'public', input: nothing, output: z.object({}) }),
  watch: subscription({ summary: 'Watch the rates', access: 'public', input: nothing, output: z.object({}) }),
}

/** A server whose rates are asked of a bank. */
const ratesServer = (collector: TestCollector, bank: string): Promise<TestServer> => {
  const handlersOver = (outside: Outside) =>
    implementer<KitTables>()(rates, {
      current: () =>
        outside.dependency('bank').call(async (signal, headers) => {
          const response = await fetch(bank, { signal, headers })
          return (await response.json()) as Record<string, never>
        }),
      async *watch() {
        yield tracked('1', {})
      },
    })
  return testServer({
    migrations: { ...kitMigrations, ...adapterMigrations },
    env: over(collector),
    surface: ({ outside }) => ({
      bound: bind({ shop: { rates } }, { shop: { rates: handlersOver(outside) } }),
      subscribers: [],
      authenticator: { authenticate: async () => 'TOKEN_UNKNOWN' as const },
    }),
  })
}

test('a call to the outside takes the trace along in the headers that it is given', async () => {
  await using collector = await testCollector()
  const seen: unknown[] = []
  const bank = createServer((request, response) => {
    seen.push(request.headers.traceparent, request.headers.tracestate)
    response.end('{}')
  }).listen(0, '127.0.0.1')
  await once(bank, 'listening')
  const { port } = bank.address() as AddressInfo
  await using server = await ratesServer(collector, `http://127.0.0.1:${port}`)
  await server.rest('GET', '/api/v1/rates/current', { headers: { ...SAMPLED, tracestate: 'vendor=1' } })
  const spans = await spansOf(collector, TRACE, 'call bank', 'GET shop.rates.current')
  expect(seen).toEqual([`00-${TRACE}-${named(spans, 'call bank').spanId}-01`, 'vendor=1'])
  expect(pathUp(spans, named(spans, 'call bank'))).toHaveLength(3)
  bank.close()
})

test('a stream is part of its request, which has its name and ends with it', async () => {
  await using collector = await testCollector()
  await using server = await ratesServer(collector, 'http://127.0.0.1:1')
  const headers = { ...SAMPLED, accept: 'text/event-stream' }
  const response = await fetch(`${server.url}/trpc/shop.rates.watch`, { headers })
  expect(response.headers.get('traceparent')).toContain(TRACE)
  expect(await response.text()).toContain('id: 1')
  const spans = await spansOf(collector, TRACE, 'GET shop.rates.watch', 'shop.rates.watch')
  expect(pathUp(spans, named(spans, 'shop.rates.watch'))).toHaveLength(2)
})

test('those who watch the server leave no traces', async () => {
  await using collector = await testCollector()
  await using app = await testApp({ env: over(collector) })
  for (const path of ['/health', '/ready', '/metrics']) await app.rest('GET', path, { headers: SAMPLED })
  const { headers } = await app.rest('GET', '/api/v1/products?limit=1')
  await spansOf(collector, traceOf(headers), 'GET commerce.products.list')
  expect(collector.spans.filter(({ traceId }) => traceId === TRACE)).toEqual([])
})
