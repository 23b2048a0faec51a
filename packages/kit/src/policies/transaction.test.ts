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
