import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { eventually } from '@plinth/db/testing'
import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const REGISTER = '/api/v1/auth/register'
const JSON_BODY = { 'content-type': 'application/json' }

let app: TestApp
beforeAll(async () => {
  app = await testApp({
    env: {
      PLINTH_HTTP_HEADERS_MS: '300',
      PLINTH_HTTP_REQUEST_MS: '600',
      PLINTH_HTTP_MAX_CONNECTIONS: '20',
    },
  })
})
afterAll(() => app[Symbol.asyncDispose]())

const open = async (): Promise<{ socket: Socket; text: () => string; closed: Promise<unknown> }> => {
  const { hostname, port } = new URL(app.url)
  const socket = connect(Number(port), hostname)
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  // A connection that the server drops shows as an error here, and what counts is that it ends.
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  await once(socket, 'connect')
  return { socket, text: () => text, closed }
}

const post = (body: string | Uint8Array<ArrayBuffer>) =>
  fetch(app.url + REGISTER, { method: 'POST', headers: JSON_BODY, body })

describe('a client', () => {
  test('that sends its headers one by one without end is cut off in time, while others are answered', async () => {
    const { socket, text, closed } = await open()
    socket.write(`GET /api/v1/products HTTP/1.1\r\nHost: a\r\n`)
    const timer = setInterval(() => socket.write('X-Slow: 1\r\n'), 50)
    expect((await app.rest('GET', '/api/v1/products')).status).toBe(200)
    await closed
    clearInterval(timer)
    expect(text()).toContain('408 Request Timeout')
  })

  test('that sends its body byte by byte is cut off in time', async () => {
    const { socket, closed } = await open()
    socket.write(
      `POST ${REGISTER} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n`,
    )
    const timer = setInterval(() => socket.write(' '), 50)
    await closed
    clearInterval(timer)
    await eventually(() => expect(app.composed.app.inFlight()).toBe(0))
  })

  test('that opens connections without end is dropped beyond the bound, and there is room when they end', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, open))
    const dropped = all.map(({ closed }) => closed)
    await Promise.race(dropped)
    for (const { socket } of all) socket.destroy()
    await Promise.all(dropped)
    expect((await app.rest('GET', '/api/v1/products')).status).toBe(200)
  })

  test('that hangs up before its answer leaves nothing at work', async () => {
    const { accessToken } = await app.as('user')
    const { socket, closed } = await open()
    socket.write(
      `GET /api/v1/user/profile HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${accessToken}\r\n\r\n`,
    )
    socket.destroy()
    await closed
    await eventually(() => expect(app.composed.app.inFlight()).toBe(0))
  })
})

describe('a request', () => {
  test('with a body of 50 MB is 413', async () => {
    const answer = await post(new Uint8Array(50 * 1024 * 1024).fill(32))
    expect([answer.status, await answer.json()]).toMatchObject([413, { code: 'TOO_LARGE' }])
    expect((await app.rest('GET', '/api/v1/products')).status).toBe(200)
  })

  test.each([
    ['arrays', '['.repeat(10_000) + ']'.repeat(10_000)],
    ['records', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['a field', `{"email":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['what is left open', '['.repeat(10_000)],
  ])('with JSON nested ten thousand deep is refused as bad input: %s', async (_, body) => {
    const answer = await post(body)
    expect([400, 422]).toContain(answer.status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  test('with text that is no UTF-8 is 400, for it could not be kept as it is', async () => {
    const body = Buffer.concat([
      Buffer.from('{"email":"utf8@example.com","password":"a long enough test phrase 7","name":"'),
      Buffer.from([0xc3, 0x28, 0xff]),
      Buffer.from('"}'),
    ])
    const answer = await post(new Uint8Array(body))
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'MALFORMED_REQUEST' }])
  })

  test('with more headers than any client needs is 431', async () => {
    const { socket, text, closed } = await open()
    const flood = Array.from({ length: 3000 }, (_, index) => `X-Flood-${index}: ${'y'.repeat(20)}\r\n`)
    socket.write(`GET /api/v1/products HTTP/1.1\r\nHost: a\r\n${flood.join('')}\r\n`)
    await closed
    expect(text()).toContain('431 Request Header Fields Too Large')
  })

  test.each([
    ['both a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n'],
    ['a length that is no number', 'Content-Length: five\r\n'],
    ['a break inside a header', 'X-Split: a\rb\r\n'],
  ])('that two servers could read differently is refused: %s', async (_, headers) => {
    const { socket, text, closed } = await open()
    socket.write(`POST ${REGISTER} HTTP/1.1\r\nHost: a\r\n${headers}\r\n0\r\n\r\n`)
    await closed
    expect(text()).toContain('400 Bad Request')
  })
})
