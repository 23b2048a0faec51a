import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { startLoad } from './load.ts'
import type { Asked } from './works/types.ts'

const serve = async (answer: RequestListener) => {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const asked = Array.from({ length: 40 }, (_, at): Asked => ({ method: 'GET', path: `/${at}`, headers: {} }))

test('at full load each connection begins at another place, so that all do not send one request at once', async () => {
  const firsts = new Map<number | undefined, string | undefined>()
  await using server = await serve(({ socket, url }, answer) => {
    if (!firsts.has(socket.remotePort)) firsts.set(socket.remotePort, url)
    answer.end()
  })
  await using load = startLoad(undefined)
  const { answers, errors } = await load.run({ url: server.url, asked, seconds: 1, connections: 5 })
  expect(answers).toBeGreaterThan(100)
  expect(errors).toBe(0)
  expect(new Set(firsts.values())).toEqual(new Set(['/0', '/2', '/4', '/21', '/23']))
})

test('at a pace requests are spread over the time, in turn, and what fails is counted', async () => {
  const arrived: { readonly at: number; readonly url: string }[] = []
  await using server = await serve(({ url = '' }, answer) => {
    arrived.push({ at: performance.now(), url })
    answer.writeHead(url === '/7' ? 503 : 200).end()
  })
  await using load = startLoad(undefined)
  const job = { url: server.url, asked, seconds: 1, connections: 4, rate: 200 }
  const { answers, errors, rps } = await load.run(job)
  expect([answers, errors, rps]).toEqual([195, 5, 195])
  expect(new Set(arrived.map(({ url }) => url)).size).toBe(40)
  const half = (arrived[0]?.at ?? 0) + 500
  const inFirstHalf = arrived.filter(({ at }) => at < half).length
  expect(inFirstHalf).toBeGreaterThan(50)
  expect(inFirstHalf).toBeLessThan(150)
})

test('at a pace a server that stands still is not spared what waits for it meanwhile', async () => {
  let first = true
  await using server = await serve((_request, answer) => {
    setTimeout(() => answer.end(), first ? 400 : 0)
    first = false
  })
  await using load = startLoad(undefined)
  const job = { url: server.url, asked, seconds: 1, connections: 1, rate: 100 }
  const { p50, p95 } = await load.run(job)
  expect(p95).toBeGreaterThan(300)
  expect(p50).toBeLessThan(p95)
})
