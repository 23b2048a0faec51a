import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ThingsServer, thingsServer } from '../../test/server.ts'

let server: ThingsServer
beforeAll(async () => {
  server = await thingsServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const list = (query = '') => server.rest('GET', `/api/v1/things${query}`)
const hit = ({ headers }: { headers: Headers }) => headers.get('x-cache')

test('an answer is given again until a write drops its tag, and then it is never the old one', async () => {
  expect([hit(await list()), hit(await list())]).toEqual(['miss', 'hit'])
  await server.as('ada').shop.things.create.mutate({ name: 'fresh' })
  const after = await list()
  expect(hit(after)).toBe('miss')
  expect(after.text).toContain('fresh')
})

test('a write that fails drops nothing', async () => {
  await list()
  await server.rest('POST', '/api/v1/things', { token: 'ada', body: { name: 'x', fail: 'crash' } })
  expect(hit(await list())).toBe('hit')
})

test('a write that fails after it has committed drops its tag too', async () => {
  await list()
  const refused = { token: 'ada', body: { name: 'kept', fail: 'commit' } }
  expect((await server.rest('POST', '/api/v1/things', refused)).status).toBe(409)
  expect((await list()).text).toContain('"kept"')
  const { id } = await server.as('ada').shop.things.create.mutate({ name: 'first name' })
  await list()
  const half = { token: 'max', body: { name: 'second name', fail: 'after' } }
  expect((await server.rest('POST', `/api/v1/things/${id}/rename`, half)).status).toBe(500)
  expect((await list()).text).toContain('"second name"')
})

test('other parameters are another answer', async () => {
  await list('?limit=5')
  expect(hit(await list('?limit=6'))).toBe('miss')
  expect(hit(await list('?limit=5'))).toBe('hit')
})

test('what belongs to a user is kept for that user alone', async () => {
  const mine = (token: string) => server.rest('GET', '/api/v1/things/mine', { token })
  await server.as('bob').shop.things.create.mutate({ name: 'of bob' })
  const ada = await mine('ada')
  const bob = await mine('bob')
  expect([hit(ada), hit(bob), hit(await mine('bob'))]).toEqual(['miss', 'miss', 'hit'])
  expect(ada.body).toMatchObject({ userId: 'usr_ada' })
  expect(bob.body).toMatchObject({ userId: 'usr_bob', count: 1 })
})

test('an answer is not kept beyond its time', async () => {
  await list('?limit=7')
  server.clock.advance(60_001)
  expect(hit(await list('?limit=7'))).toBe('miss')
})

test('REST and tRPC share what is kept', async () => {
  await list('?limit=8')
  const answer = await server.rest('GET', `/trpc/shop.things.list?input=${encodeURIComponent('{"limit":8}')}`)
  expect(hit(answer)).toBe('hit')
})
