import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createLog } from '@plinth/kit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { HttpExchange } from './exchange.ts'

const settings = { trustedProxies: 0, maxBodyBytes: 1000, maxUploadBytes: 1000 }
const form = 'multipart/form-data; boundary=x'

/** An exchange whose client has hung up in the middle of the body before anybody began to read it. */
const hungUp = async (contentType: string): Promise<HttpExchange> => {
  const server = createServer()
  onTestFinished(() => void server.close())
  const asked = new Promise<[IncomingMessage, ServerResponse]>((resolve) =>
    server.on('request', (...both) => resolve(both)),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${contentType}\r\nContent-Length: 100\r\n\r\n{"a`)
  const [incoming, outgoing] = await asked
  // Not by once(), whose listener for errors would be told what nobody listens to here.
  const closed = new Promise<void>((resolve) => void incoming.on('close', resolve))
  socket.destroy()
  await closed
  return new HttpExchange(
    incoming,
    outgoing,
    settings,
    createLog({ level: 'silent', modules: {} }).module('http'),
  )
}

describe('a body whose client has hung up before it was read', () => {
  // It would keep its place among the work in flight for ever: enough of them, and the server takes no more.
  test('is refused and not waited for', async () => {
    const exchange = await hungUp('application/json')
    await expect(exchange.text()).rejects.toMatchObject({ code: 'MALFORMED_REQUEST' })
  })
  test('is refused and not waited for, when it is a form', async () => {
    const exchange = await hungUp(form)
    await expect(exchange.formData(new Map())).rejects.toMatchObject({ code: 'MALFORMED_REQUEST' })
  })
})
