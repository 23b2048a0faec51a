import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import {
  createTRPCClient,
  createWSClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  httpSubscriptionLink,
  type TRPCClient,
  type TRPCLink,
  wsLink,
} from '@trpc/client'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { EventSource } from 'eventsource'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type TestRouter, type ThingsServer, thingsServer } from '../../test/server.ts'
import { createTrpcRouter } from './trpc-router.ts'

let ours: ThingsServer
let theirs: { url: string; server: Server }

/** tRPC's own handler over the same procedures: what our direct dispatch is held to. */
const startTheirs = async (): Promise<typeof theirs> => {
  const { service, log } = ours.composed
  const router = createTrpcRouter(service)
  const contextOf = (request: Request) => {
    const header = (name: string) => request.headers.get(name) ?? undefined
    const requestId = header('x-request-id') ?? 'none'
    const { method, url } = request
    const fixed = { requestId, method, url, header, address: '127.0.0.1', log: log.module('theirs') }
    const lost = () => Promise.reject(new Error('tRPC reads the body'))
    return {
      requestId,
      exchange: (signal: AbortSignal | undefined) => ({
        ...fixed,
        signal: signal ?? request.signal,
        answerHeaders: {},
        principal: undefined,
        text: lost,
        formData: lost,
      }),
    }
  }
  const listener = getRequestListener((req) =>
    fetchRequestHandler({ endpoint: '/trpc', req, router, createContext: () => contextOf(req) }),
  )
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

beforeAll(async () => {
  ours = await thingsServer()
  theirs = await startTheirs()
})
afterAll(async () => {
  await new Promise((resolve) => theirs.server.close(resolve))
  await ours[Symbol.asyncDispose]()
})

const input = (value: unknown) => encodeURIComponent(JSON.stringify(value))
const json = { 'content-type': 'application/json' }

const requests: [string, string, string, RequestInit][] = [
  ['a query', 'GET', `/trpc/shop.things.list?input=${input({ limit: 3 })}`, {}],
  ['a query with bad input', 'GET', `/trpc/shop.things.list?input=${input({ limit: 'x', y: 1 })}`, {}],
  ['a query without its input', 'GET', '/trpc/shop.things.get', { headers: { authorization: 'Bearer ada' } }],
  ['a query that needs a user', 'GET', '/trpc/shop.things.mine', {}],
  ['a wrong token', 'GET', '/trpc/shop.things.mine', { headers: { authorization: 'Bearer nobody' } }],
  ['an unknown procedure', 'GET', '/trpc/shop.things.nothing', {}],
  ['a mutation by GET', 'GET', '/trpc/shop.things.create', {}],
  ['a query by POST', 'POST', '/trpc/shop.things.list', { headers: json, body: '{}' }],
  [
    'a declared error',
    'POST',
    '/trpc/shop.things.create',
    { headers: { ...json, authorization: 'Bearer ada' }, body: '{"name":"x","fail":"before"}' },
  ],
  [
    'a crash',
    'POST',
    '/trpc/shop.things.create',
    { headers: { ...json, authorization: 'Bearer ada' }, body: '{"name":"x","fail":"crash"}' },
  ],
  ['malformed JSON', 'POST', '/trpc/shop.things.limited', { headers: json, body: '{"email":' }],
  ['malformed JSON in a query', 'GET', '/trpc/shop.things.list?input=%7B', {}],
  [
    'a batch',
    'GET',
    `/trpc/shop.things.list,shop.things.list?batch=1&input=${input({ 0: {}, 1: { limit: 1 } })}`,
    {},
  ],
  [
    'a batch whose calls end differently',
    'GET',
    `/trpc/shop.things.list,shop.things.mine,shop.nothing?batch=1&input=${input({ 0: {} })}`,
    {},
  ],
  [
    'a batch in which all fail alike',
    'GET',
    '/trpc/shop.things.mine,shop.things.mine?batch=1&input=%7B%7D',
    {},
  ],
  [
    'a batch of mutations',
    'POST',
    '/trpc/shop.things.limited,shop.things.limited?batch=1',
    { headers: json, body: '{"0":{"email":"a"},"1":{"email":7}}' },
  ],
]

describe("our direct dispatch answers what tRPC's own handler answers on the same router", () => {
  test.each(requests)('%s', async (_name, method, path, init) => {
    const call = async (url: string) => {
      const headers = { ...(init.headers as Record<string, string>), 'x-request-id': 'conformance-1' }
      const answer = await fetch(url + path, { ...init, method, headers })
      return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() }
    }
    const [own, reference] = [await call(ours.url), await call(theirs.url)]
    expect(own).toEqual(reference)
  })
})

const http = { authorization: 'Bearer ada' }
const links: Record<string, (url: string) => TRPCLink<TestRouter>> = {
  httpLink: (url) => httpLink({ url: `${url}/trpc`, headers: http }),
  httpBatchLink: (url) => httpBatchLink({ url: `${url}/trpc`, headers: http }),
  httpBatchStreamLink: (url) => httpBatchStreamLink({ url: `${url}/trpc`, headers: http }),
}

const exercise = async (client: TRPCClient<TestRouter>, name: string) => {
  const { things } = client.shop
  const caught = (error: unknown) => {
    const { data, message } = error as { data: { code: string; httpStatus: number }; message: string }
    return { code: data.code, httpStatus: data.httpStatus, message }
  }
  const made = await things.create.mutate({ name })
  const [mine, one, refused, bad, again] = await Promise.all([
    things.mine.query(),
    things.get.query({ id: made.id }),
    things.create.mutate({ name: 'x', fail: 'before' }).catch(caught),
    things.list.query({ limit: 0 }).catch(caught),
    things.create.mutate({ name }).catch(caught),
  ])
  return {
    made: { ...made, id: '', name: '' },
    mine: mine.userId,
    same: one.id === made.id,
    refused,
    bad,
    again,
  }
}

const expected = {
  made: { id: '', name: '', ownerId: 'usr_ada', size: 1 },
  mine: 'usr_ada',
  same: true,
  refused: { code: 'REFUSED', httpStatus: 409, message: 'It was refused.' },
  bad: {
    code: 'INVALID_INPUT',
    httpStatus: 422,
    message: 'Some fields are not valid: see errors for each of them.',
  },
  again: { code: 'NAME_TAKEN', httpStatus: 409, message: 'The name is taken.' },
}

describe('the real client gets the same through every link', () => {
  test.each(Object.entries(links))('%s', async (name, link) => {
    const client = createTRPCClient<TestRouter>({ links: [link(ours.url)] })
    expect(await exercise(client, `by ${name.slice(4)}`)).toEqual(expected)
  })

  test('wsLink', async () => {
    const socket = createWSClient({
      url: `${ours.url.replace('http', 'ws')}/trpc-ws`,
      WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
      connectionParams: { authorization: 'Bearer ada' },
    })
    const client = createTRPCClient<TestRouter>({ links: [wsLink({ client: socket })] })
    expect(await exercise(client, 'by wsLink')).toEqual(expected)
    expect(await counted(client, 3)).toEqual([1, 2, 3])
    await socket.close()
  })

  test('httpSubscriptionLink', async () => {
    const link = httpSubscriptionLink({ url: `${ours.url}/trpc`, EventSource })
    const client = createTRPCClient<TestRouter>({ links: [link] })
    expect(await counted(client, 3)).toEqual([1, 2, 3])
    expect(await counted(client, 5, '3')).toEqual([4, 5])
  })

  test('a subscription is refused with the code of what is wrong', async () => {
    const link = httpSubscriptionLink({ url: `${ours.url}/trpc`, EventSource })
    const client = createTRPCClient<TestRouter>({ links: [link] })
    await expect(counted(client, 99)).rejects.toMatchObject({
      data: { code: 'INVALID_INPUT', httpStatus: 422 },
    })
  })
})

const counted = (client: TRPCClient<TestRouter>, to: number, lastEventId?: string): Promise<number[]> =>
  new Promise((resolve, reject) => {
    const values: number[] = []
    const subscription = client.shop.things.count.subscribe(
      { to, ...(lastEventId !== undefined && { lastEventId }) },
      {
        onData({ data }) {
          values.push(data.value)
          if (data.value < to) return
          subscription.unsubscribe()
          resolve(values)
        },
        onError: reject,
      },
    )
  })

test('a page of elsewhere can not open a WebSocket with the cookies of a visitor', async () => {
  const socket = new WebSocket(`${ours.url.replace('http', 'ws')}/trpc-ws`, {
    origin: 'https://evil.example',
  })
  const refused = await new Promise((resolve) => {
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
    socket.on('open', () => resolve('opened'))
  })
  expect(refused).toBe(403)
})

test('a batch holds a bounded number of calls', async () => {
  const names = Array.from({ length: 51 }, () => 'shop.things.list').join(',')
  const answer = await fetch(`${ours.url}/trpc/${names}?batch=1&input=%7B%7D`)
  expect(answer.status).toBe(413)
})
