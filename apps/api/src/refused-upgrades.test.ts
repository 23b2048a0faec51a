import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { eventually, testDatabaseUrl } from '@plinth/db/testing'
import { startServerProcess, testApp } from '@plinth/testing'
import { expect, test } from 'vitest'

const upgrade = (path: string, origin: string): string =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: a',
    `Origin: ${origin}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  ].join('\r\n')

const FOREIGN = upgrade('/trpc-ws', 'https://evil.example')

/** A connection that never closes its own half, as one that wants to hold the server's. */
const open = async (url: string): Promise<Socket> => {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

test('a client that resets an upgrade which is refused does not end the process', async () => {
  const { url: DATABASE_URL, dispose } = await testDatabaseUrl({})
  try {
    await using server = await startServerProcess({ DATABASE_URL, PLINTH_DEMO: 'false' })
    for (let tries = 0; tries < 120; tries++) {
      const socket = await open(server.url)
      socket.write(tries % 2 === 0 ? FOREIGN : upgrade('/nope', 'http://a'))
      // The reset must come at any moment of the refusal: before, while and after it is written.
      await delay(tries % 4)
      socket.resetAndDestroy()
    }
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
    expect(server.child.exitCode).toBeNull()
  } finally {
    await dispose()
  }
})

test('a refused upgrade closes its connection, whatever the client does: others come in, and the server can stop', async () => {
  const app = await testApp({ env: { PLINTH_HTTP_MAX_CONNECTIONS: '4' } })
  const sockets: Socket[] = []
  for (let tries = 0; tries < 8; tries++) {
    const socket = await open(app.url)
    sockets.push(socket)
    socket.write(FOREIGN)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(String(answer)).toContain('403 Forbidden')
  }
  await eventually(async () => expect((await fetch(`${app.url}/health`)).status).toBe(200))
  await app[Symbol.asyncDispose]()
  for (const socket of sockets) socket.destroy()
})

test('a request that offers to speak something else is answered as if it had not', async () => {
  await using app = await testApp()
  const statusOf = async (path: string, protocol: string): Promise<string> => {
    const socket = await open(app.url)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    return String(answer).slice(9, 12)
  }
  expect(await statusOf('/docs', 'h2c')).toBe('200')
  expect(await statusOf('/health', 'websocket')).toBe('200')
  expect(await statusOf('/trpc-ws', 'h2c')).toBe('404')
})
