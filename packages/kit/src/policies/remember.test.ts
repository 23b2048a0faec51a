import { afterEach, expect, test } from 'vitest'
import { type ThingsServer, thingsServer } from '../../test/server.ts'

let server: ThingsServer
afterEach(() => server[Symbol.asyncDispose]())

const total = async (query = '') => (await server.rest('GET', `/api/v1/things/total${query}`)).body
const create = (name: string) => server.as('ada').shop.things.create.mutate({ name, size: 3 })
const counted = async (result: string): Promise<number> => {
  const { values } = await server.composed.metrics.results.get()
  return values.find(({ labels }) => labels.result === result)?.value ?? 0
}

test('a result is computed once for all who ask at once, and again when a write dropped its tag', async () => {
  server = await thingsServer()
  await create('first')
  const answers = await Promise.all(Array.from({ length: 20 }, () => total()))
  expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set(['{"count":1}']))
  expect(await counted('computed')).toBe(1)
  await total()
  expect(await counted('computed')).toBe(1)
  await create('second')
  expect(await total()).toEqual({ count: 2 })
  expect(await counted('computed')).toBe(2)
})

test('results of different questions are kept apart, and none beyond its time', async () => {
  server = await thingsServer()
  await create('first')
  expect([await total(), await total('?atLeast=4')]).toEqual([{ count: 1 }, { count: 0 }])
  expect(await counted('computed')).toBe(2)
  server.clock.advance(60_001)
  await total()
  expect(await counted('computed')).toBe(3)
})

test('where caching is off every question is answered anew', async () => {
  server = await thingsServer({ PLINTH_CACHE_ON: 'false' })
  await total()
  expect(await total()).toEqual({ count: 0 })
  expect(await counted('hit')).toBe(0)
})
