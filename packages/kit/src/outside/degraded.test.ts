import { adapterMigrations } from '@plinth/adapters'
import { mutation, nothing, query } from '@plinth/contract'
import { testServer } from '@plinth/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { bind, implementer, type KitTables, kitMigrations, type Outside, OutsideError } from '../index.ts'

const Rates = z.object({ euro: z.int() })
const rates = {
  current: query({ summary: 'Read the rates', access: 'public', input: nothing, output: Rates }),
  list: query({
    summary: 'Read the rates, kept for a while',
    access: 'public',
    cache: { seconds: 60, tags: ['rates'] },
    input: nothing,
    output: Rates,
  }),
  set: mutation({
    summary: 'Set the rates',
    access: 'public',
    transaction: false,
    input: nothing,
    output: Rates,
  }),
}
const contract = { shop: { rates } }

// What the outside does in each test: it answers, it fails, or it declines.
let bank: () => Promise<{ euro: number }>

const handlersOver = (outside: Outside) => {
  const dependency = outside.dependency('rates')
  const lastKnown = () => ({ euro: 1 })
  return implementer<KitTables>()(rates, {
    current: ({ ctx }) => dependency.orElse(ctx, () => bank(), lastKnown),
    list: ({ ctx }) => dependency.orElse(ctx, () => bank(), lastKnown),
    set: ({ ctx }) => dependency.call(() => bank(), { signal: ctx.signal }),
  })
}

let server: Awaited<ReturnType<typeof testServer>>
beforeAll(async () => {
  server = await testServer({
    migrations: { ...kitMigrations, ...adapterMigrations },
    env: { PLINTH_OUTSIDE_OPEN_MS: '7000', PLINTH_OUTSIDE_MINIMUM_CALLS: '20' },
    surface: ({ outside }) => ({
      bound: bind(contract, { shop: { rates: handlersOver(outside) } }),
      subscribers: [],
      authenticator: { authenticate: async () => 'TOKEN_UNKNOWN' as const },
    }),
  })
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => {
  bank = async () => ({ euro: 2 })
})

const get = async (path: string) => {
  const { status, headers, body } = await server.rest('GET', `/api/v1/rates${path}`)
  return { status, body, degraded: headers.get('x-degraded'), cache: headers.get('x-cache') }
}
const fail = () => Promise.reject(new Error('down'))

test('an answer that does without a part says so, and its server stays up', async () => {
  expect(await get('/current')).toMatchObject({ status: 200, body: { euro: 2 }, degraded: null })
  bank = fail
  expect(await get('/current')).toMatchObject({ status: 200, body: { euro: 1 }, degraded: 'rates' })
  const trpc = await fetch(`${server.url}/trpc/shop.rates.current,shop.rates.current?batch=1`)
  expect([trpc.status, trpc.headers.get('x-degraded')]).toEqual([200, 'rates'])
})

test('an answer that does without a part is not kept', async () => {
  bank = fail
  expect(await get('')).toMatchObject({ body: { euro: 1 }, degraded: 'rates', cache: 'miss' })
  bank = async () => ({ euro: 3 })
  expect(await get('')).toMatchObject({ body: { euro: 3 }, degraded: null, cache: 'miss' })
  expect(await get('')).toMatchObject({ body: { euro: 3 }, degraded: null, cache: 'hit' })
})

test('a failure of our own is no reason to answer with a replacement', async () => {
  bank = async () => ({ euro: 0.5 })
  expect(await get('/current')).toMatchObject({ status: 500 })
})

test('what needs the part is told to come back, and /ready is degraded, not down, until the part is back', async () => {
  const set = () => server.rest('POST', '/api/v1/rates/set')
  bank = () => Promise.reject(new OutsideError('rates', 'refused', { permanent: true }))
  const refused = await set()
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  bank = fail
  for (let count = 0; count < 20; count++) await set()
  const { status, headers, body } = await set()
  expect([status, headers.get('retry-after')]).toEqual([503, '7'])
  expect(body).toMatchObject({ code: 'UNAVAILABLE' })
  expect(JSON.stringify(body)).not.toContain('down')
  const ready = await server.rest('GET', '/ready')
  expect(ready.status).toBe(200)
  expect(ready.body).toMatchObject({ status: 'degraded' })
  const { checks } = ready.body as { checks: { name: string; state: string }[] }
  expect(checks.find(({ name }) => name === 'rates')).toMatchObject({ state: 'down' })
  const metrics = await server.rest('GET', '/metrics')
  expect(metrics.text).toContain('plinth_outside_state{dependency="rates",state="open"} 1')
  expect(metrics.text).toContain('plinth_part_up{part="rates"} 0')
  expect(metrics.text).toContain('plinth_part_up{part="database"} 1')
  expect(metrics.text).toMatch(/plinth_outside_calls_total\{dependency="rates",outcome="turned-away"\} [1-9]/)
})
