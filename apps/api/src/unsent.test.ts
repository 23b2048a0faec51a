import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '@plinth/db/testing'
import { expect, test } from 'vitest'
import { BIG, openRaw, streamServer } from '../test/streams.ts'

const ASK = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`

/** All ways that an answer takes through the server. */
const ways = {
  'at once': ASK('/trpc/shop.works.big'),
  'as a stream': ASK('/trpc/shop.works.big?batch=1', 'Trpc-Accept: application/jsonl\r\n'),
}

test.each(Object.entries(ways))(
  'a server that stops sends an answer to its end that goes out %s',
  async (_, ask) => {
    const server = await streamServer()
    const socket = await openRaw(server.url, ask)
    socket.pause()
    await eventually(() => expect(server.composed.app.inFlight()).toBe(1))
    await eventually(() => expect(socket.bytesRead).toBeGreaterThan(0))
    const stopped = server[Symbol.asyncDispose]()
    let received = 0
    socket.on('data', (chunk) => {
      received += chunk.length
    })
    socket.resume()
    await stopped
    await eventually(() => expect(received).toBeGreaterThan(BIG))
    socket.destroy()
  },
)

test.each(Object.entries(ways))(
  'a client that takes nothing of an answer that goes out %s is dropped',
  async (_, ask) => {
    await using server = await streamServer({ PLINTH_HTTP_SEND_IDLE_MS: '200' })
    const socket = await openRaw(server.url, ask)
    socket.pause()
    const { app } = server.composed
    await eventually(() => expect(app.inFlight()).toBe(1))
    await eventually(() => expect(app.inFlight()).toBe(0))
    let received = 0
    socket.on('data', (chunk) => {
      received += chunk.length
    })
    socket.resume()
    await eventually(() => expect(socket.closed).toBe(true))
    expect(received).toBeLessThan(BIG)
  },
)

test('a client that takes its answer slowly gets all of it', async () => {
  await using server = await streamServer({ PLINTH_HTTP_SEND_IDLE_MS: '400' })
  const socket = await openRaw(server.url, ways['at once'])
  let received = 0
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    received += (chunk as Buffer).length
    if (received > BIG) break
    await delay(1)
  }
  expect(received).toBeGreaterThan(BIG)
  socket.destroy()
})
