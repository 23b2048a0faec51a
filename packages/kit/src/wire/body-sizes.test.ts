import { randomUUID } from 'node:crypto'
import { eventually } from '@plinth/db/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ThingsServer, thingsServer } from '../../test/server.ts'

let server: ThingsServer
beforeAll(async () => {
  server = await thingsServer({ PLINTH_HTTP_COMPRESS_BYTES: '100' })
})
afterAll(() => server[Symbol.asyncDispose]())

const authorization = 'Bearer ada'

type Asked = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> }

/** Asks, and answers the bytes that came back with the line that was logged once all of them were sent. */
const asked = async (path: string, init: Asked = {}) => {
  const id = randomUUID()
  const headers = { authorization, 'x-request-id': id, ...init.headers }
  const response = await fetch(server.url + path, { ...init, headers })
  const body = await response.arrayBuffer()
  const lineOf = () => server.logged.find(({ requestId, sent }) => requestId === id && sent !== undefined)
  const line = await eventually(() => {
    const found = lineOf()
    expect(found).toBeDefined()
    return found
  })
  return { response, bytes: body.byteLength, line }
}
const asJson = { 'content-type': 'application/json' }

describe('the log tells of each request how many bytes of body', () => {
  test('came in and went out', async () => {
    const body = JSON.stringify({ name: 'Größe' })
    const { bytes, line } = await asked('/api/v1/things', { method: 'POST', body, headers: asJson })
    expect(line).toMatchObject({ received: Buffer.byteLength(body), sent: bytes })
    const plain = await asked('/api/v1/things/report?title=Sales')
    expect(plain.line).toMatchObject({ received: 0, sent: plain.bytes })
    expect(plain.bytes).toBeGreaterThan(0)
  })
  test('went out compressed, and none to who has the answer or asks for its head alone', async () => {
    const { response, bytes, line } = await asked('/openapi.json', { headers: { 'accept-encoding': 'gzip' } })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(line?.sent).toBeLessThan(bytes)
    expect(line?.sent).toBeGreaterThan(100)
    const first = await asked('/api/v1/things/mine')
    expect(first.line?.sent).toBe(first.bytes)
    const etag = first.response.headers.get('etag') ?? ''
    const again = await asked('/api/v1/things/mine', { headers: { 'if-none-match': etag } })
    expect([again.response.status, again.line?.sent]).toEqual([304, 0])
    expect((await asked('/api/v1/things/mine', { method: 'HEAD' })).line?.sent).toBe(0)
  })
  test('came in with a file', async () => {
    const boundary = 'between-the-parts'
    const part = (name: string, content: string) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}\r\n`
    const file = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: text/plain\r\n\r\n${'x'.repeat(5000)}\r\n`
    const body = `${part('name', 'a file')}${file}--${boundary}--\r\n`
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
    const { response, line } = await asked('/api/v1/things/measure', { method: 'POST', body, headers })
    expect([response.status, line?.received]).toEqual([200, body.length])
  })
  test('went out in a stream', async () => {
    const input = encodeURIComponent(JSON.stringify({ to: 3 }))
    const { bytes, line } = await asked(`/trpc/shop.things.count?input=${input}`, {
      headers: { accept: 'text/event-stream' },
    })
    expect(line?.sent).toBe(bytes)
    expect(bytes).toBeGreaterThan(50)
  })
})

test('the sizes of bodies are summed up in the metrics', async () => {
  const sums = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    return ['received', 'sent'].map((direction) =>
      Number(new RegExp(`plinth_http_body_bytes_sum\\{direction="${direction}"\\} (\\d+)`).exec(text)?.[1]),
    )
  }
  await sums()
  const body = JSON.stringify({ name: 'measured' })
  const [received = 0, sent = 0] = await sums()
  const { bytes } = await asked('/api/v1/things', { method: 'POST', body, headers: asJson })
  const [nowReceived = 0, nowSent = 0] = await sums()
  expect(nowReceived - received).toBe(body.length)
  expect(nowSent - sent).toBeGreaterThanOrEqual(bytes)
})
