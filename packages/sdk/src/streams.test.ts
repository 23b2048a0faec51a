import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually } from '@plinth/db/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { TestRouter } from '../test/contract.ts'
import { faultProxy, nowhere } from '../test/faults.ts'
import { mortalServer, surfaceServer } from '../test/servers.ts'
import { type ClientOptions, createClientOf } from './client.ts'
import { type CallError, isPlinthError } from './errors.ts'

const quick = { baseMs: 20, maxMs: 100 }

const watch = (url: string, options: Partial<ClientOptions> = {}) => {
  const client = createClientOf<TestRouter>({ url, reconnect: quick, ...options })
  const seen: number[] = []
  const states: string[] = []
  const done = Promise.withResolvers<void>()
  const observer = {
    onData: ({ data }: { data: { value: number } }) => void seen.push(data.value),
    onConnectionStateChange: ({ state }: { state: string }) => void states.push(state),
    onError: (error: unknown) => done.reject(error),
    onComplete: () => done.resolve(),
  }
  done.promise.catch(() => undefined)
  return { client, seen, states, observer, done: done.promise }
}

/** Waits for a condition, on a slow machine too. */
const soon = (check: () => void) => eventually(check)

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)
// Those that go over both ways wait most of their time, each for a server of its own.
const ways = [{ subscriptions: 'events' }, { subscriptions: 'websocket' }] as const

test.concurrent.each(ways)(
  'a subscription goes on after the last value when its server was killed and comes again ($subscriptions)',
  async ({ subscriptions }) => {
    await using server = await mortalServer()
    const { client, seen, states, observer, done } = watch(server.url, { subscriptions })
    client.test.values.count.subscribe({ to: 60, everyMs: 25 }, observer)
    await soon(() => expect(seen.length).toBeGreaterThan(3))
    await server.kill()
    await soon(() => expect(states.at(-1)).toBe('connecting'))
    await server.revive()
    await done
    expect(seen).toEqual(upTo(60))
    expect(states).toContain('pending')
  },
)

test.concurrent.each(ways)(
  'a subscription goes on when its server is stopped in order and another takes its place ($subscriptions)',
  async ({ subscriptions }) => {
    const env = { PLINTH_HTTP_SHUTDOWN_MS: '50' }
    const first = await surfaceServer(env)
    const { client, seen, observer, done } = watch(first.url, { subscriptions })
    client.test.values.count.subscribe({ to: 60, everyMs: 25 }, observer)
    await soon(() => expect(seen.length).toBeGreaterThan(3))
    await first[Symbol.asyncDispose]()
    await using _second = await surfaceServer({ ...env, PORT: new URL(first.url).port })
    await done
    expect(seen).toEqual(upTo(60))
  },
)

test.concurrent.each(ways)(
  'a token that expired while the connection was lost is renewed, and no value comes twice ($subscriptions)',
  async ({ subscriptions }) => {
    await using server = await mortalServer()
    const kept: unknown[] = []
    const tokens = { accessToken: 'ada', refreshToken: 'ada' }
    const options = { subscriptions, tokens, onTokens: (given: unknown) => kept.push(given) }
    const { client, seen, observer, done } = watch(server.url, options)
    const users = new Set<string>()
    client.test.values.mine.subscribe(
      { to: 60, everyMs: 25 },
      {
        ...observer,
        onData(value) {
          users.add(value.data.userId)
          observer.onData(value)
        },
      },
    )
    await soon(() => expect(seen.length).toBeGreaterThan(3))
    await server.kill()
    await server.revive('ada')
    await done
    expect(seen).toEqual(upTo(60))
    expect([...users]).toEqual(['ada', 'new-ada'])
    expect(kept).toHaveLength(1)
  },
)

test.concurrent.each(ways)(
  'what is refused is told with its code, once ($subscriptions)',
  async ({ subscriptions }) => {
    await using server = await surfaceServer()
    const anonymous = watch(server.url, { subscriptions })
    anonymous.client.test.values.mine.subscribe({ to: 1, everyMs: 1 }, anonymous.observer)
    const error: unknown = await anonymous.done.catch((failure: unknown) => failure)
    expect(isPlinthError(error, 'NOT_SIGNED_IN')).toBe(true)
    expect((error as CallError).requestId).toMatch(/./)
    const expired = watch(server.url, { subscriptions, tokens: { accessToken: 'old' } })
    expired.client.test.values.mine.subscribe({ to: 1, everyMs: 1 }, expired.observer)
    await expect(expired.done).rejects.toMatchObject({ reason: 'answer', data: { code: 'TOKEN_EXPIRED' } })
    const stale = watch(server.url, { subscriptions, tokens: { accessToken: 'old', refreshToken: 'eve' } })
    stale.client.test.values.mine.subscribe({ to: 2, everyMs: 1 }, stale.observer)
    await stale.done
    expect(stale.seen).toEqual([1, 2])
  },
)

test.concurrent.each(ways)(
  'a server that does not come back is given up after so many tries ($subscriptions)',
  async ({ subscriptions }) => {
    const { client, observer, done, states } = watch(await nowhere(), {
      subscriptions,
      reconnect: { tries: 3, baseMs: 1, maxMs: 2 },
    })
    client.test.values.count.subscribe({ to: 1, everyMs: 1 }, observer)
    await expect(done).rejects.toMatchObject({ reason: 'network' })
    expect(states[0]).toBe('connecting')
  },
)

test.concurrent.each(ways)(
  'a subscription ends at once when it is left or aborted, and its connection with it ($subscriptions)',
  async ({ subscriptions }) => {
    await using server = await surfaceServer()
    const { client, seen, observer, done } = watch(server.url, { subscriptions })
    const stop = new AbortController()
    client.test.values.count.subscribe({ to: 9999, everyMs: 5 }, { ...observer, signal: stop.signal })
    const second = watch(server.url)
    const left = client.test.values.count.subscribe({ to: 9999, everyMs: 5 }, second.observer)
    await soon(() => expect([seen.length, second.seen.length].every((length) => length > 2)).toBe(true))
    left.unsubscribe()
    stop.abort()
    await done
    const before = [seen.length, second.seen.length]
    // Time goes by, as another subscription shows.
    const third = watch(server.url)
    third.client.test.values.count.subscribe({ to: 5, everyMs: 5 }, third.observer)
    await third.done
    expect([seen.length, second.seen.length]).toEqual(before)
  },
)

test('subscriptions share one WebSocket, which is closed after the last of them', async () => {
  await using server = await surfaceServer()
  const sockets: WebSocket[] = []
  class Counted extends WebSocket {
    constructor(...given: ConstructorParameters<typeof WebSocket>) {
      super(...given)
      sockets.push(this)
    }
  }
  const all = [1, 2, 3].map(() => watch(server.url))
  const { client } = watch(server.url, { subscriptions: 'websocket', WebSocket: Counted })
  for (const { observer } of all) client.test.values.count.subscribe({ to: 3, everyMs: 1 }, observer)
  await Promise.all(all.map(({ done }) => done))
  expect(all.map(({ seen }) => seen)).toEqual([upTo(3), upTo(3), upTo(3)])
  await soon(() => expect(sockets.map(({ readyState }) => readyState)).toEqual([WebSocket.CLOSED]))
})

test('where there is no WebSocket a subscription fails at once and says what to do', async () => {
  vi.stubGlobal('WebSocket', undefined)
  onTestFinished(() => void vi.unstubAllGlobals())
  const { client, observer, done } = watch('http://127.0.0.1:9', { subscriptions: 'websocket' })
  client.test.values.count.subscribe({ to: 1, everyMs: 1 }, observer)
  await expect(done).rejects.toThrow('There is no WebSocket here: give createClient one')
})

test('a busy server and the page of a proxy are waited out, a wrong address is told', async () => {
  await using server = await surfaceServer()
  await using proxy = await faultProxy(server.url)
  proxy.next(
    'reset',
    { status: 503 },
    { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>' },
  )
  const patient = watch(proxy.url)
  patient.client.test.values.count.subscribe({ to: 3, everyMs: 1 }, patient.observer)
  await patient.done
  expect([patient.seen, proxy.passed.length]).toEqual([upTo(3), 4])
  proxy.next({ status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not here</h1>' })
  const lost = watch(proxy.url)
  lost.client.test.values.count.subscribe({ to: 3, everyMs: 1 }, lost.observer)
  await expect(lost.done).rejects.toMatchObject({ reason: 'unreadable', status: 404 })
})

test('a connection that is quiet for longer than the server promised is made again', async () => {
  let connections = 0
  const server = createServer((_incoming, outgoing) => {
    connections += 1
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
    outgoing.write('event: connected\ndata: {"reconnectAfterInactivityMs":40}\n\n')
    outgoing.write(`id: ${connections}\ndata: {"value":${connections}}\n\n`)
    if (connections === 3) outgoing.end('event: return\ndata: \n\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => server.closeAllConnections())
  onTestFinished(() => void server.close())
  const { client, seen, observer, done } = watch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  client.test.values.count.subscribe({ to: 3, everyMs: 1 }, observer)
  await done
  expect(seen).toEqual([1, 2, 3])
})
