import { afterEach, expect, test } from 'vitest'
import { type ThingsServer, thingsServer } from '../../test/server.ts'

let server: ThingsServer
afterEach(() => server[Symbol.asyncDispose]())

const limits = (auth: object, rest: object = { perMinute: 1000, burst: 1000 }) => ({
  PLINTH_LIMITS: JSON.stringify({ auth, default: rest }),
})
const call = (email: string, headers = {}) =>
  server.rest('POST', '/api/v1/things/limited', { body: { email }, headers })

test('going over the limit of an address is 429 with the seconds to wait, and after them it works again', async () => {
  server = await thingsServer({ ...limits({ perMinute: 6, burst: 2 }), PLINTH_TRUSTED_PROXIES: '1' })
  const from = { 'x-forwarded-for': '192.0.2.1' }
  const answers = []
  for (let index = 0; index < 20; index++) answers.push(await call(`a${index}@example.com`, from))
  const refused = answers.find(({ status }) => status === 429)
  expect(answers[0]?.status).toBe(200)
  expect(answers[0]?.headers.get('ratelimit-limit')).not.toBeNull()
  expect(Number(answers[1]?.headers.get('ratelimit-remaining'))).toBeLessThan(
    Number(answers[0]?.headers.get('ratelimit-remaining')),
  )
  expect(refused?.body).toMatchObject({ code: 'TOO_MANY_REQUESTS', status: 429 })
  const wait = Number(refused?.headers.get('retry-after'))
  expect(wait).toBeGreaterThan(0)
  expect((await call('x@example.com', { 'x-forwarded-for': '192.0.2.2' })).status).toBe(200)
  server.clock.advance(wait * 1000)
  expect((await call('x@example.com', from)).status).toBe(200)
})

test('one account is limited however many addresses ask for it, and others are not', async () => {
  server = await thingsServer({ ...limits({ perMinute: 3, burst: 0 }), PLINTH_TRUSTED_PROXIES: '1' })
  const statuses = []
  for (let index = 0; index < 10; index++)
    statuses.push((await call('ada@example.com', { 'x-forwarded-for': `192.0.2.${index}` })).status)
  expect(statuses.filter((status) => status === 200).length).toBeLessThan(5)
  expect((await call('bob@example.com', { 'x-forwarded-for': '192.0.2.99' })).status).toBe(200)
})

test('a procedure without a group, or whose group is not configured, is under the default', async () => {
  server = await thingsServer(limits({ perMinute: 1000, burst: 1000 }, { perMinute: 2, burst: 0 }))
  const statuses = []
  for (let index = 0; index < 6; index++) statuses.push((await server.rest('GET', '/api/v1/things')).status)
  expect(statuses).toContain(429)
  expect((await call('ada@example.com')).status).toBe(200)
})

test('a client can not forge its address past the proxies that are trusted', async () => {
  server = await thingsServer(limits({ perMinute: 3, burst: 0 }))
  const statuses = []
  for (let index = 0; index < 10; index++)
    statuses.push((await call(`a${index}@example.com`, { 'x-forwarded-for': `192.0.2.${index}` })).status)
  expect(statuses).toContain(429)
})

const mine = (token: string, address: string) =>
  server.rest('GET', '/api/v1/things/mine', { token, headers: { 'x-forwarded-for': address } })
const statusesOf = async (count: number, ask: () => Promise<{ status: number }>) => {
  const statuses: number[] = []
  for (let index = 0; index < count; index++) statuses.push((await ask()).status)
  return statuses.filter((status) => status === 200).length
}

test('a role may do more, also from an address where others have used theirs up, and others may not', async () => {
  const rule = { perMinute: 3, burst: 2, roles: { manager: 4 } }
  server = await thingsServer({ ...limits({ perMinute: 1, burst: 0 }, rule), PLINTH_TRUSTED_PROXIES: '1' })
  expect(await statusesOf(15, () => mine('ada', '192.0.2.1'))).toBe(3)
  expect(await statusesOf(15, () => mine('max', '192.0.2.1'))).toBe(9)
  expect((await mine('max', '192.0.2.1')).status).toBe(429)
})

test('a sliding window never lets through more than its number within a minute', async () => {
  server = await thingsServer(
    limits({ perMinute: 1, burst: 0 }, { perMinute: 5, burst: 50, strategy: 'sliding-window' }),
  )
  const ask = () => server.rest('GET', '/api/v1/things')
  expect(await statusesOf(10, ask)).toBe(5)
  server.clock.advance(30_000)
  const refused = await ask()
  expect(refused.status).toBe(429)
  server.clock.advance(Number(refused.headers.get('retry-after')) * 1000)
  expect((await ask()).status).toBe(200)
})
