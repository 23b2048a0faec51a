import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { eventually } from '@plinth/db/testing'
import { certificate, type TestReceiver, testReceiver, withStatus } from '@plinth/testing/outside'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Resolve } from './guard.ts'
import { retryAfterMs } from './retry-after.ts'
import { createWebhookSender, type WebhookSenderSettings } from './sender.ts'

const LOOPBACK: WebhookSenderSettings = {
  timeoutMs: 5000,
  allowedNetworks: ['127.0.0.0/8'],
  http: true,
  lowPorts: [80, 443],
}

let receiver: TestReceiver
beforeEach(async () => {
  receiver = await testReceiver()
})
afterEach(() => receiver[Symbol.asyncDispose]())

const { signal } = new AbortController()
const post = (url: string, settings: Partial<WebhookSenderSettings> = {}, resolve?: Resolve) =>
  createWebhookSender({ ...LOOPBACK, ...settings }, resolve).send(
    { url, headers: { 'content-type': 'application/json', 'webhook-id': 'evt_1' }, body: '{"ü":1}' },
    signal,
  )

test('a webhook is posted as it is given, and the answer is told with how it begins', async () => {
  receiver.answer = (response) => response.writeHead(202, { 'retry-after': '7' }).end(`ä${'x'.repeat(5000)}`)
  const outcome = await post(receiver.url)
  expect(outcome).toMatchObject({ status: 202, error: null, retryAfterMs: 7000 })
  expect(outcome.answer).toBe(`ä${'x'.repeat(998)}`)
  expect(receiver.received).toMatchObject([
    { path: '/hooks', body: '{"ü":1}', headers: { 'webhook-id': 'evt_1', 'content-length': '8' } },
  ])
})

test('a redirect is an answer, and is never followed', async () => {
  await using inside = await testReceiver('127.0.0.2')
  for (const status of [301, 302, 303, 307, 308]) {
    receiver.answer = withStatus(status, { location: inside.url })
    expect(await post(receiver.url, { allowedNetworks: ['127.0.0.1/32'] })).toMatchObject({ status })
  }
  expect([receiver.received.length, inside.received.length]).toEqual([5, 0])
})

test('a receiver that hangs is left in time, before its status or in the middle of it', async () => {
  for (const answer of [() => undefined, (response: ServerResponse) => response.socket?.write('HT')]) {
    receiver.answer = answer
    const outcome = await post(receiver.url, { timeoutMs: 200 })
    expect(outcome).toMatchObject({ status: null, error: 'no answer within 200 ms' })
    expect(outcome.durationMs).toBeLessThan(2000)
  }
})

test('an answer without end is left when its beginning is known, or after a moment', async () => {
  let written = 0
  let left = 0
  receiver.answer = (response) => {
    response.writeHead(200)
    const more = (): void => {
      written += 1
      while (!response.destroyed && response.write('x'.repeat(16_384)));
      if (!response.destroyed) response.once('drain', more)
    }
    response.on('close', () => (left += 1))
    more()
  }
  expect(await post(receiver.url)).toMatchObject({ status: 200, answer: 'x'.repeat(1000) })
  await eventually(() => expect(left).toBe(1))
  expect(written).toBeLessThan(1000)
  receiver.answer = (response) => response.writeHead(200).write('a drop')
  const dripping = await post(receiver.url)
  expect(dripping).toMatchObject({ status: 200, answer: 'a drop' })
  expect(dripping.durationMs).toBeLessThan(4000)
})

test('a receiver that is absent, hangs up, or speaks something else is a failure with its reason', async () => {
  receiver.answer = (response) => response.destroy()
  expect(await post(receiver.url)).toMatchObject({ status: null, error: 'socket hang up' })
  receiver.answer = (response) => response.socket?.end('hello\r\n\r\n')
  expect((await post(receiver.url)).error).toMatch(/Parse Error/)
  expect((await post(receiver.url.replace('http:', 'https:'))).error).toBeTruthy()
  await receiver[Symbol.asyncDispose]()
  expect((await post(receiver.url)).error).toMatch(/ECONNREFUSED/)
  receiver = await testReceiver()
})

test('a name that was public when it was looked at and is not when it is connected to is not connected to', async () => {
  const answers = ['8.8.8.8', '127.0.0.1']
  const seen: string[] = []
  const rebinding: Resolve = async () => {
    const address = answers.shift() ?? '127.0.0.1'
    seen.push(address)
    return [{ address, family: 4 }]
  }
  expect(await rebinding('receiver.example')).toEqual([{ address: '8.8.8.8', family: 4 }])
  const strict = { allowedNetworks: [], http: false }
  const outcome = await post(`https://receiver.example:${receiver.port}/hooks`, strict, rebinding)
  expect(outcome).toMatchObject({
    status: null,
    error: 'receiver.example leads to an address that is not public',
  })
  expect([seen, receiver.received]).toEqual([['8.8.8.8', '127.0.0.1'], []])
})

test('a name is looked up once for each attempt, and what was found is what is connected to', async () => {
  let asked = 0
  const resolve: Resolve = async () => {
    asked += 1
    return [{ address: '127.0.0.1', family: 4 }]
  }
  const url = `http://receiver.example:${receiver.port}/hooks`
  expect(await post(url, {}, resolve)).toMatchObject({ status: 204 })
  expect(receiver.received[0]?.headers.host).toBe(`receiver.example:${receiver.port}`)
  expect(asked).toBe(1)
  expect(await post(url, {}, resolve)).toMatchObject({ status: 204 })
  expect(asked).toBe(2)
})

test('localhost, and an address inside, are refused without a connection', async () => {
  for (const host of ['localhost', '127.0.0.1', '[::1]'])
    expect(
      (await post(`https://${host}:${receiver.port}/`, { allowedNetworks: [], http: false })).error,
    ).toContain('not public')
  expect(receiver.received).toEqual([])
})

test('over https a certificate that is not trusted, or of another name, is refused', async () => {
  const server = createServer(certificate, (_, response) => response.end('well')).listen(0, '127.0.0.1')
  try {
    await vi.waitUntil(() => server.listening)
    const { port } = server.address() as AddressInfo
    const there: Resolve = async () => [{ address: '127.0.0.1', family: 4 }]
    expect((await post(`https://localhost:${port}/`, {}, there)).error).toMatch(/self.signed/)
    const trusted = { ca: certificate.cert }
    expect(await post(`https://localhost:${port}/`, trusted, there)).toMatchObject({ status: 200 })
    expect((await post(`https://receiver.example:${port}/`, trusted, there)).error).toMatch(/altnames/)
  } finally {
    server.close()
  }
})

test('an attempt ends when whoever makes it is stopped', async () => {
  const stop = new AbortController()
  receiver.answer = () => stop.abort()
  const request = { url: receiver.url, headers: {}, body: '{}' }
  const outcome = await createWebhookSender(LOOPBACK).send(request, stop.signal)
  expect(outcome).toMatchObject({ status: null, error: 'The operation was aborted' })
})

test('Retry-After is understood as seconds and as a date', () => {
  const now = Date.parse('2026-11-21T09:30:00Z')
  const cases = [
    ['120', 120_000],
    ['Sat, 21 Nov 2026 09:31:00 GMT', 60_000],
    ['Sat, 21 Nov 2026 09:29:00 GMT', 0],
    ['soon', null],
    ['-1', null],
    [undefined, null],
  ] as const
  for (const [header, expected] of cases) expect(retryAfterMs(header, now), header).toBe(expected)
})
