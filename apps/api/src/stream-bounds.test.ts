import { once } from 'node:events'
import { eventually } from '@plinth/db/testing'
import { afterEach, expect, test } from 'vitest'
import { openRaw, type StreamServer, streamServer } from '../test/streams.ts'

const JSONL = { 'trpc-accept': 'application/jsonl', 'content-type': 'application/json' }

let server: StreamServer
const start = async (env: Readonly<Record<string, string>> = {}): Promise<StreamServer> => {
  server = await streamServer(env)
  return server
}
afterEach(() => {
  server.world.go()
  return server[Symbol.asyncDispose]()
})

const names = (name: string, count: number): string => Array(count).fill(`shop.works.${name}`).join(',')

const streamed = async (path: string, body?: string) => {
  const init: RequestInit = body === undefined ? { headers: JSONL } : { method: 'POST', headers: JSONL, body }
  const answer = await fetch(`${server.url}/trpc/${path}?batch=1`, init)
  return { status: answer.status, text: await answer.text() }
}

test('the body of a streamed batch is bounded like every other', async () => {
  await start({ PLINTH_HTTP_MAX_BODY_BYTES: '1000' })
  const small = await streamed('shop.works.add', JSON.stringify({ 0: { value: 1 } }))
  expect(small.text).toContain('"value":1')
  const { text } = await streamed('shop.works.add', JSON.stringify({ 0: { value: 1, x: 'x'.repeat(2000) } }))
  expect(text).toContain('TOO_LARGE')
})

test('who may not call is refused before the body of a streamed batch has come', async () => {
  await start()
  const socket = await openRaw(
    server.url,
    'POST /trpc/shop.works.mine?batch=1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTrpc-Accept: application/jsonl\r\nContent-Length: 1000\r\n\r\n{"0":',
  )
  let answer = ''
  socket.on('data', (chunk) => {
    answer += String(chunk)
  })
  await eventually(() => expect(answer).toContain('NOT_SIGNED_IN'))
  socket.destroy()
})

test('a body that is no JSON is the fault of who sent it, streamed or not', async () => {
  await start()
  expect((await streamed('shop.works.add', '{"0":')).text).toContain('MALFORMED_REQUEST')
})

test('a streamed batch holds a bounded number of calls', async () => {
  await start({ PLINTH_HTTP_MAX_BATCH: '3' })
  expect((await streamed(names('add', 4), '{}')).status).toBe(413)
  const { text } = await streamed(names('add', 3), JSON.stringify({ 0: { value: 5 }, 1: { value: 6 } }))
  expect(text).toContain('"value":6')
})

test('streamed batches are in flight until they are at their end', async () => {
  await start({ PLINTH_HTTP_MAX_IN_FLIGHT: '3' })
  let refused = 0
  const ask = async () => {
    const { status } = await streamed('shop.works.hold')
    if (status === 503) refused += 1
    return status
  }
  const asking = Promise.all(Array.from({ length: 10 }, ask))
  // Those that come when the first are through would find their places.
  await eventually(() => expect([server.world.atWork, refused]).toEqual([3, 7]))
  server.world.go()
  const statuses = (await asking).toSorted((one, other) => one - other)
  expect(statuses).toEqual([...Array(3).fill(200), ...Array(7).fill(503)])
  expect(server.world.most).toBe(3)
  await eventually(() => expect(server.composed.app.inFlight()).toBe(0))
})

test('a server that stops finishes a streamed batch', async () => {
  const stopping = await streamServer()
  await start()
  const asking = fetch(`${stopping.url}/trpc/shop.works.save?batch=1`, {
    method: 'POST',
    headers: JSONL,
    body: '{}',
  }).then((answer) => answer.text())
  await eventually(() => expect(stopping.world.atWork).toBe(1))
  const stopped = stopping[Symbol.asyncDispose]()
  stopping.world.go()
  expect(await asking).toContain('"value":1')
  await stopped
  expect(stopping.world.saved).toBe(1)
})

test('each call of a streamed batch has an idempotency key of its own', async () => {
  await start()
  const ask = async () => {
    const answer = await fetch(`${server.url}/trpc/${names('add', 2)}?batch=1`, {
      method: 'POST',
      headers: { ...JSONL, 'idempotency-key': 'of-the-whole-batch' },
      body: JSON.stringify({ 0: { value: 41 }, 1: { value: 42 } }),
    })
    return answer.text()
  }
  for (const text of [await ask(), await ask()]) {
    expect(text).not.toContain('IDEMPOTENCY')
    expect(text).toContain('"value":41')
    expect(text).toContain('"value":42')
  }
})

test('event streams are bounded in number, and give their place back', async () => {
  await start({ PLINTH_HTTP_MAX_SUBSCRIPTIONS: '1', PLINTH_HTTP_MAX_IN_FLIGHT: '1' })
  const open = async () => {
    const hangUp = new AbortController()
    const answer = await fetch(`${server.url}/trpc/shop.works.ticks`, { signal: hangUp.signal })
    const reader = answer.body?.getReader()
    let text = ''
    while (!/"value"|OVERLOADED/.test(text))
      text += Buffer.from((await reader?.read())?.value ?? []).toString()
    return { text, hangUp }
  }
  const first = await open()
  expect(first.text).toContain('"value":1')
  const second = await open()
  expect(second.text).toContain('OVERLOADED')
  second.hangUp.abort()
  first.hangUp.abort()
  await eventually(() => expect(server.world.subscriptions).toBe(0))
  const third = await open()
  expect(third.text).toContain('"value":1')
  third.hangUp.abort()
})

test('a client that is gone before its download begins leaves nothing open', async () => {
  await start()
  const socket = await openRaw(server.url, 'GET /api/v1/file HTTP/1.1\r\nHost: a\r\n\r\n')
  await eventually(() => expect(server.world.atWork).toBe(1))
  const closed = once(socket, 'close')
  socket.destroy()
  await closed
  // The server has to have heard of it before it goes on.
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
  server.world.go()
  await eventually(() => expect(server.world.cancelled).toBe(1))
  await eventually(() => expect(server.composed.app.inFlight()).toBe(0))
})
