import { once } from 'node:events'
import { eventually } from '@plinth/db/testing'
import { afterEach, expect, test } from 'vitest'
import { call, type Message, openRaw, openSocket, type StreamServer, streamServer } from '../test/streams.ts'

let server: StreamServer
const start = async (env: Readonly<Record<string, string>> = {}): Promise<StreamServer> => {
  server = await streamServer(env)
  return server
}
afterEach(() => {
  server.world.go()
  return server[Symbol.asyncDispose]()
})

const codeOf = ({ error, result }: Message): string => error?.data.code ?? result?.type ?? ''
const counts = (messages: readonly Message[]) =>
  Object.fromEntries([...Map.groupBy(messages, codeOf)].map(([code, all]) => [code, all.length]))

test('calls of a WebSocket are in flight, and bounded like those of HTTP; in one message, too', async () => {
  await start({ PLINTH_HTTP_MAX_IN_FLIGHT: '5', PLINTH_HTTP_MAX_BATCH: '10' })
  const { socket, got, send } = await openSocket(server.url)
  send(Array.from({ length: 30 }, (_, id) => call(id, 'query', 'hold')))
  await eventually(() => expect(got).toHaveLength(25))
  expect(counts(got)).toEqual({ OVERLOADED: 5, TOO_LARGE: 20 })
  expect(server.composed.app.inFlight()).toBe(5)
  server.world.go()
  await eventually(() => expect(counts(got)).toEqual({ OVERLOADED: 5, TOO_LARGE: 20, data: 5 }))
  expect(server.world.most).toBe(5)
  expect(server.composed.app.inFlight()).toBe(0)
  socket.terminate()
})

test('a WebSocket holds a bounded number of subscriptions, whose places are given back', async () => {
  await start({ PLINTH_HTTP_MAX_SOCKET_SUBSCRIPTIONS: '3', PLINTH_HTTP_MAX_BATCH: '2' })
  const { socket, got, send } = await openSocket(server.url)
  send([1, 2, 3, 4].map((id) => call(id, 'subscription', 'ticks')))
  await eventually(() => expect(counts(got)).toMatchObject({ data: 3, TOO_MANY_REQUESTS: 1 }))
  expect(server.world.subscriptions).toBe(3)
  send({ id: 1, jsonrpc: '2.0', method: 'subscription.stop' })
  // Whoever does not listen to the end of the subscription is waited for until the next value: ours hang up.
  socket.terminate()
  await eventually(() => expect(server.world.subscriptions).toBe(0))
  const other = await openSocket(server.url)
  other.send([1, 2, 3].map((id) => call(id, 'subscription', 'ticks')))
  await eventually(() => expect(counts(other.got)).toMatchObject({ data: 3 }))
  other.socket.terminate()
})

test('subscriptions of all connections have a bound, too', async () => {
  await start({ PLINTH_HTTP_MAX_SUBSCRIPTIONS: '2' })
  const sockets = [await openSocket(server.url), await openSocket(server.url), await openSocket(server.url)]
  for (const { send } of sockets) send(call(1, 'subscription', 'ticks'))
  const all = () => sockets.flatMap(({ got }) => got)
  await eventually(() => expect(counts(all())).toMatchObject({ data: 2, OVERLOADED: 1 }))
  for (const { socket } of sockets) socket.terminate()
  await eventually(() => expect(server.world.subscriptions).toBe(0))
})

test('a server that stops finishes the calls of WebSockets, begins no more, and closes them then', async () => {
  const stopping = await streamServer()
  await start()
  const { socket, got, send } = await openSocket(stopping.url)
  const closed = once(socket, 'close')
  send(call(1, 'mutation', 'save'))
  await eventually(() => expect(stopping.world.atWork).toBe(1))
  const stopped = stopping[Symbol.asyncDispose]()
  send(call(2, 'mutation', 'save'))
  await eventually(() => expect(counts(got)).toEqual({ OVERLOADED: 1 }))
  stopping.world.go()
  const [code] = await closed
  expect(code).toBe(1012)
  expect(got).toContainEqual({ id: 1, jsonrpc: '2.0', result: { type: 'data', data: { value: 1 } } })
  expect(stopping.world.saved).toBe(1)
  await stopped
})

test('a client that does not go when it is told holds a server up no longer than all others', async () => {
  const stopping = await streamServer({ PLINTH_HTTP_SHUTDOWN_MS: '300' })
  await start()
  const socket = await openRaw(
    stopping.url,
    'GET /trpc-ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  await once(socket, 'data')
  const startedAt = performance.now()
  await stopping[Symbol.asyncDispose]()
  expect(performance.now() - startedAt).toBeLessThan(5000)
  socket.destroy()
})

test('a subscriber that does not read is ended, and nothing more is kept for it', async () => {
  await start({ PLINTH_HTTP_MAX_UNSENT_BYTES: '1000000' })
  const { socket, send } = await openSocket(server.url)
  send(call(1, 'subscription', 'flood'))
  await once(socket, 'message')
  socket.pause()
  const closed = once(socket, 'close')
  await eventually(() => expect(server.composed.app.gates.subscriptions.inFlight()).toBe(0))
  // What the buffers of the system take, and the bound.
  expect(server.world.flooded).toBeLessThan(200)
  socket.resume()
  await closed
})
