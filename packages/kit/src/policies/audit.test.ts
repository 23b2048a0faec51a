import { afterAll, beforeAll, expect, test } from 'vitest'
import { rows, type ThingsServer, thingsServer } from '../../test/server.ts'

let server: ThingsServer
beforeAll(async () => {
  server = await thingsServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const create = (body: unknown) => server.rest('POST', '/api/v1/things', { token: 'ada', body })

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

test('a read is not audited, and neither is a write whose contract says so', async () => {
  const before = (await rows(server, 'audit_log')).length
  await server.as('ada').shop.things.list.query({})
  await server.as('ada').shop.things.limited.mutate({ email: 'a@example.com' })
  expect(await rows(server, 'audit_log')).toHaveLength(before)
})

test('a write without a transaction around it is audited once, after it', async () => {
  const { id } = (await create({ name: 'to rename' })).body as { id: string }
  await server.as('max').shop.things.rename.mutate({ id, name: 'renamed' })
  const entries = (await rows(server, 'audit_log')).filter(({ target }) => target === id)
  expect(entries.map(({ action }) => String(action)).sort()).toEqual([
    'shop.things.create',
    'shop.things.rename',
  ])
})
