import { createMemoryLocks } from '@plinth/adapters'
import { afterEach, expect, test } from 'vitest'
import { type ThingsServer, thingsServer } from '../test/server.ts'
import { createLog } from './log.ts'
import { LockLostError } from './ports/lock-errors.ts'
import { createWarmer } from './warm.ts'

let server: ThingsServer
afterEach(() => server[Symbol.asyncDispose]())

const log = createLog({ level: 'silent', modules: {} }).module('warm')
const warmer = (...reads: { procedure: string; input: unknown }[]) =>
  createWarmer({ service: server.composed.service, reads, everyMs: 20_000, locks: createMemoryLocks(), log })
const hit = async () => (await server.rest('GET', '/api/v1/things?limit=5')).headers.get('x-cache')
const LIST = { procedure: 'shop.things.list', input: { limit: 5 } }

test('who asks first finds the answer, and it is renewed before it expires', async () => {
  server = await thingsServer()
  const { run } = warmer(LIST)
  expect(await run()).toBe(1)
  expect(await hit()).toBe('hit')
  server.clock.advance(40_000)
  expect(await run()).toBe(1)
  server.clock.advance(40_000)
  expect(await hit()).toBe('hit')
})

test('it runs at the start and again and again, and stops', async () => {
  server = await thingsServer()
  const { start, stop } = createWarmer({
    service: server.composed.service,
    reads: [LIST],
    everyMs: 5,
    locks: createMemoryLocks(),
    log,
  })
  start()
  await expect.poll(hit).toBe('hit')
  server.clock.advance(61_000)
  await expect.poll(hit).toBe('hit')
  await stop()
  server.clock.advance(61_000)
  expect(await hit()).toBe('miss')
})

test('of two processes at once one computes', async () => {
  server = await thingsServer()
  const deps = { service: server.composed.service, reads: [LIST], everyMs: 20_000, log }
  const locks = createMemoryLocks()
  const [first, second] = [createWarmer({ ...deps, locks }), createWarmer({ ...deps, locks })]
  expect(await Promise.all([first.run(), second.run()])).toEqual([1, 0])
})

test('one that fails does not keep the others from being warmed', async () => {
  server = await thingsServer()
  expect(await warmer({ ...LIST, input: { limit: 'many' } }, LIST).run()).toBe(1)
  expect(await hit()).toBe('hit')
})

test.each(['shop.things.mine', 'shop.things.create', 'shop.things.unknown'])(
  'what is not kept for everybody can not be warmed: %s',
  async (procedure) => {
    server = await thingsServer()
    expect(() => warmer({ procedure, input: {} })).toThrow(procedure)
  },
)

test('it stops in peace when its lock is lost in the round that runs', async () => {
  server = await thingsServer()
  const lost = Promise.withResolvers<never>()
  const locks = { ...createMemoryLocks(), withLock: () => lost.promise }
  const { start, stop } = createWarmer({
    service: server.composed.service,
    reads: [LIST],
    everyMs: 20_000,
    locks,
    log,
  })
  start()
  const stopped = stop()
  lost.reject(new LockLostError('cache.warm'))
  await expect(stopped).resolves.toBeUndefined()
})
