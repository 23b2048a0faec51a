import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app[Symbol.asyncDispose]())

/** A request whose body does not end: the server is at work on it until we finish it. */
const hanging = async (
  url: string,
  token: string,
): Promise<{ socket: Socket; finish(): Promise<string> }> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const body = '{"name":"Slow"}'
  socket.write(
    `PUT /api/v1/user/profile HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
  )
  let answer = ''
  socket.on('data', (chunk) => {
    answer += String(chunk)
  })
  return {
    socket,
    async finish() {
      const closed = once(socket, 'close')
      socket.write(body)
      await closed
      return answer
    },
  }
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

describe('a body', () => {
  test('without end is refused with an answer that arrives, though nobody said how long it would be', async () => {
    const { hostname, port } = new URL(app.url)
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('data', (chunk) => {
      answer += String(chunk)
    })
    socket.write(
      `POST /api/v1/auth/login HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    )
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`
    const closed = once(socket, 'close')
    const send = () => {
      while (socket.writable && answer === '') if (!socket.write(chunk)) return socket.once('drain', send)
      return socket
    }
    send()
    await closed
    expect(answer).toContain('413 Payload Too Large')
    expect(answer).toContain('"code":"TOO_LARGE"')
  })
  test('that breaks off leaves the server as it was', async () => {
    const { accessToken } = await app.as('user')
    const { socket } = await hanging(app.url, accessToken)
    await until(() => app.composed.app.inFlight() === 1)
    socket.destroy()
    await until(() => app.composed.app.inFlight() === 0)
    expect((await app.rest('GET', '/api/v1/products?limit=1')).status).toBe(200)
  })
})

describe('under load', () => {
  test('work beyond the bound is 503 with Retry-After at once, while /health answers', async () => {
    await using small = await testApp({ env: { PLINTH_HTTP_MAX_IN_FLIGHT: '1' } })
    const { accessToken } = await small.as('user')
    const slow = await hanging(small.url, accessToken)
    await until(() => small.composed.app.inFlight() === 1)
    const shed = await small.rest('GET', '/api/v1/products')
    expect(shed.body).toMatchObject({ status: 503, code: 'OVERLOADED' })
    expect(shed.headers.get('retry-after')).toBe('1')
    expect((await small.rest('GET', '/health')).status).toBe(200)
    expect(await slow.finish()).toContain('200 OK')
    expect((await small.rest('GET', '/api/v1/products')).status).toBe(200)
  })

  test('a server that stops takes no more, says so under /ready, and finishes what is at work', async () => {
    const stopping = await testApp()
    const { accessToken } = await stopping.as('user')
    const slow = await hanging(stopping.url, accessToken)
    await until(() => stopping.composed.app.inFlight() === 1)
    const stopped = stopping[Symbol.asyncDispose]()
    await expect(fetch(`${stopping.url}/ready`)).rejects.toThrow()
    expect(await slow.finish()).toContain('200 OK')
    await stopped
  })
})
