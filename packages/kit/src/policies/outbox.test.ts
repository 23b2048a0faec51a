import { afterAll, beforeAll, expect, test } from 'vitest'
import { rows, type ThingsServer, thingsServer } from '../../test/server.ts'

let server: ThingsServer
beforeAll(async () => {
  server = await thingsServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const create = (body: unknown) => server.rest('POST', '/api/v1/things', { token: 'ada', body })

test('an event reaches its subscriber once it is committed, and only then', async () => {
  const made = await create({ name: 'told' })
  await create({ name: 'untold', fail: 'crash' })
  await server.settle()
  expect(server.received).toContainEqual({ id: (made.body as { id: string }).id })
  const told = server.received.length
  await server.settle()
  expect(server.received).toHaveLength(told)
  expect((await rows(server, 'outbox')).every((row) => row.dispatched_at !== null)).toBe(true)
})

test('events keep the order in which they were told, and each says what and when', async () => {
  server.received.length = 0
  const ids = []
  for (let index = 0; index < 5; index++)
    ids.push(((await create({ name: `event ${index}` })).body as { id: string }).id)
  const waiting = (await rows(server, 'outbox')).filter((row) => row.dispatched_at === null)
  expect(waiting[0]).toMatchObject({ type: 'things.created', created_at: server.clock.now().toISOString() })
  await server.settle()
  expect(server.received).toEqual(ids.map((id) => ({ id })))
})

test('events that were handed on are kept for a day and then purged', async () => {
  const { purgeOutbox } = await import('../events.ts')
  await create({ name: 'old news' })
  await server.settle()
  const later = new Date(server.clock.now().getTime() + 1)
  const { signal } = new AbortController()
  expect(await purgeOutbox(server.db, server.clock.now(), signal)).toBe(0)
  expect(await purgeOutbox(server.db, later, signal)).toBeGreaterThan(0)
  expect(await rows(server, 'outbox')).toEqual([])
})
