import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, testDatabaseUrl } from '@plinth/db/testing'
import { type ServerProcess, startServerProcess, testApp } from '@plinth/testing'
import { type TestCollector, testCollector } from '@plinth/testing/outside'
import { afterEach, expect, test } from 'vitest'

const cleanUp: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const dispose of cleanUp.splice(0)) await dispose()
})

const start = async (env: Readonly<Record<string, string>>, script?: URL): Promise<ServerProcess> => {
  const { url, dispose } = await testDatabaseUrl({})
  cleanUp.push(dispose)
  return startServerProcess({ DATABASE_URL: url, PLINTH_DEMO: 'false', ...env }, script && { script })
}

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const TRACEPARENT = `00-${TRACE}-b7ad6b7169203331-01`

const register = async (url: string): Promise<void> => {
  const response = await fetch(`${url}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: TRACEPARENT },
    body: JSON.stringify({ email: 'ada@example.com', name: 'Ada', password: 'a long enough test phrase 7' }),
  })
  expect(response.status).toBe(201)
}

test('in a process of its own a trace goes on in the job, holds nothing of the work around it, and is sent before the end', async () => {
  await using collector = await testCollector()
  await using server = await start({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url,
    OTEL_SERVICE_NAME: 'shop',
    PLINTH_TRACING_EVERY_MS: '3600000',
    PLINTH_TRACING_HEADERS: '{"x-key":"abc"}',
  })
  await register(server.url)
  const done = 'plinth_jobs_total{name="send-verification-mail",result="done"} 1'
  await eventually(async () => expect(await (await fetch(`${server.url}/metrics`)).text()).toContain(done))
  expect(collector.spans).toEqual([])
  expect(await server.end('SIGTERM')).toBe(0)
  const spans = collector.spans.filter(({ traceId }) => traceId === TRACE)
  const names = new Set(spans.map(({ name }) => name))
  for (const name of [
    'POST core.accounts.register',
    'event accounts.registered',
    'job send-verification-mail',
  ])
    expect(names).toContain(name)
  expect(names).not.toContain('select outbox')
  expect(spans[0]?.service).toBe('shop')
  expect(collector.headers[0]).toMatchObject({ 'x-key': 'abc' })
})

test.each([
  ['is off, no library of it is loaded', {}, false],
  ['is on, it is', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces' }, true],
] as const)('where tracing %s', async (_, env, expected) => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-modules-'))
  cleanUp.push(() => rm(folder, { recursive: true }))
  const list = join(folder, 'modules.txt')
  const hook = new URL('../../test/list-modules.ts', import.meta.url)
  const listing = { ...env, NODE_OPTIONS: `--import=${hook.href}`, LIST_MODULES_INTO: list }
  // From its source: a module that is built into another has no name of its own.
  await using server = await start(listing, new URL('../main.ts', import.meta.url))
  await register(server.url)
  expect(await server.end('SIGTERM')).toBe(0)
  const loaded = await readFile(list, 'utf8')
  expect(loaded).toContain('/packages/kit/src/pipeline.ts')
  expect(loaded).toContain('/node_modules/pino/')
  // The interfaces alone (`api`) come with prom-client, whether anybody traces or not.
  expect(/\/@opentelemetry\/(?!api\/)/.test(loaded)).toBe(expected)
})

const GOODS = '/api/v1/products?limit=1'

/** How many spans ended so. */
const counted = (text: string, result: string): number =>
  Number(new RegExp(`^plinth_spans_total\\{result="${result}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0)

const ANSWERS = 60

test.each(['hangs', 'refuses', 'is gone'] as const)(
  'a collector that %s costs spans, which are counted, and nothing else',
  async (manner) => {
    const collector: TestCollector = await testCollector()
    if (manner === 'is gone') await collector[Symbol.asyncDispose]()
    else {
      cleanUp.push(async () => collector[Symbol.asyncDispose]())
      collector.manner = manner
    }
    const app = await testApp({
      env: {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url,
        PLINTH_TRACING_EVERY_MS: '5',
        PLINTH_TRACING_QUEUE: '20',
        PLINTH_TRACING_TIMEOUT_MS: '300',
        PLINTH_TRACING_CLOSE_MS: '100',
      },
    })
    for (let count = 0; count < ANSWERS; count++) expect((await app.rest('GET', GOODS)).status).toBe(200)
    await eventually(async () => {
      const { text } = await app.rest('GET', '/metrics')
      expect(counted(text, 'failed')).toBeGreaterThan(0)
      if (manner === 'hangs') expect(counted(text, 'dropped')).toBeGreaterThan(ANSWERS)
      expect(counted(text, 'sent')).toBe(0)
    })
    expect((await app.rest('GET', '/ready')).body).toMatchObject({ status: 'up' })
    const stoppedAt = performance.now()
    await app[Symbol.asyncDispose]()
    expect(performance.now() - stoppedAt).toBeLessThan(2000)
  },
)

test('a collector that is back is sent what comes from then on', async () => {
  await using collector = await testCollector()
  collector.manner = 'refuses'
  await using app = await testApp({
    env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url, PLINTH_TRACING_EVERY_MS: '5' },
  })
  await app.rest('GET', GOODS)
  await eventually(async () =>
    expect(counted((await app.rest('GET', '/metrics')).text, 'failed')).toBeGreaterThan(0),
  )
  collector.manner = 'takes'
  await eventually(async () => {
    await app.rest('GET', GOODS)
    expect(collector.spans.length).toBeGreaterThan(0)
  })
})
