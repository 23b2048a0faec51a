import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rows, type ThingsServer, thingsServer } from '../../test/server.ts'

let server: ThingsServer
beforeAll(async () => {
  server = await thingsServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const create = (body: unknown) =>
  server.rest('POST', '/api/v1/things', {
    token: 'ada',
    body,
    headers: { 'idempotency-key': crypto.randomUUID() },
  })
const counts = async () => ({
  things: (await rows(server, 'things')).length,
  audit: (await rows(server, 'audit_log')).length,
  outbox: (await rows(server, 'outbox')).length,
  keys: (await rows(server, 'idempotency_keys')).length,
})

describe('what is committed together is true together', () => {
  test('rows, audit entry, event and key are all there after a success', async () => {
    const before = await counts()
    const answer = await create({ name: 'whole' })
    expect(await counts()).toEqual({
      things: before.things + 1,
      audit: before.audit + 1,
      outbox: before.outbox + 1,
      keys: before.keys + 1,
    })
    expect(answer.headers.get('set-cookie')).toContain('HttpOnly; SameSite=Lax')
  })

  test.each(['crash', 'shape', 'before'])(
    'none of them is there after a failure (%s), nor a cookie',
    async (fail) => {
      const before = await counts()
      const answer = await create({ name: 'half', fail })
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(await counts()).toEqual(before)
      expect(answer.headers.get('set-cookie')).toBeNull()
    },
  )

  test('a failure that commits keeps what was written, and is audited as refused', async () => {
    const before = await counts()
    expect((await create({ name: 'kept', fail: 'commit' })).status).toBe(409)
    const after = await counts()
    expect(after).toEqual({
      things: before.things + 1,
      audit: before.audit + 1,
      outbox: before.outbox + 1,
      keys: before.keys,
    })
    expect((await rows(server, 'audit_log')).at(-1)).toMatchObject({
      outcome: 'refused',
      code: 'REFUSED',
      actor_id: 'usr_ada',
    })
  })
})

test('an audit entry says who did what to what, when, from where and under which request', async () => {
  const answer = await server.rest('POST', '/api/v1/things', {
    token: 'ada',
    body: { name: 'audited' },
    headers: { 'x-request-id': 'audited-request', 'user-agent': 'test/1' },
  })
  const { id } = answer.body as { id: string }
  expect((await rows(server, 'audit_log')).find(({ target }) => target === id)).toMatchObject({
    actor_id: 'usr_ada',
    action: 'shop.things.create',
    outcome: 'done',
    at: server.clock.now().toISOString(),
    address: expect.stringMatching(/127\.0\.0\.1$/),
    user_agent: 'test/1',
    request_id: 'audited-request',
  })
})

test('the audit log can not be changed or shortened, not even by a statement of ours', async () => {
  await create({ name: 'for ever' })
  await expect(
    server.db.transaction((trx) => trx.updateTable('audit_log').set({ outcome: 'refused' }).execute()),
  ).rejects.toThrow()
  await expect(server.db.transaction((trx) => trx.deleteFrom('audit_log').execute())).rejects.toThrow()
})

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
