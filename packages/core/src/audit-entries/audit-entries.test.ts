import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app[Symbol.asyncDispose]())

test('what is done is listed newest first with actor, action, target, address and outcome', async () => {
  const { client } = await app.as('admin')
  const { account, client: own } = await app.as('user')
  app.clock.advance(1000)
  await own.core.accounts.update.mutate({ name: 'Ada' })
  const { items } = await client.core.auditEntries.list.query({ actorId: account.id })
  expect(items.map(({ action }) => action)).toEqual(['core.accounts.update', 'core.sessions.login'])
  expect(items[0]).toMatchObject({
    at: app.clock.now().toISOString(),
    actorId: account.id,
    action: 'core.accounts.update',
    target: account.id,
    outcome: 'done',
    code: null,
    userAgent: 'node',
  })
  expect(items[0]?.address).toMatch(/127\.0\.0\.1|::1/)
  expect(items[0]?.requestId).not.toBe(items[1]?.requestId)
})

test('entries are found by action and by time, page by page without a gap', async () => {
  const { client } = await app.as('admin')
  const { client: own } = await app.as('user')
  const start = app.clock.now()
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    app.clock.advance(1000)
    await own.core.accounts.update.mutate({ name })
  }
  const query = {
    action: 'core.accounts.update',
    at: { gte: new Date(start.getTime() + 1000).toISOString() },
  }
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await client.core.auditEntries.list.query({ ...query, limit: 2, cursor })
    seen.push(...page.items.map(({ at }) => at))
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(seen).toEqual(
    [5, 4, 3, 2, 1].map((seconds) => new Date(start.getTime() + seconds * 1000).toISOString()),
  )
  const at = { eq: new Date(start.getTime() + 3000).toISOString() }
  expect((await client.core.auditEntries.list.query({ at })).items).toHaveLength(1)
  const before = { lte: new Date(start.getTime() + 2000).toISOString() }
  const { items } = await client.core.auditEntries.list.query({ ...query, at: { ...query.at, ...before } })
  expect(items).toHaveLength(2)
})

test('the log is for those who may read it, and can not be changed by anybody', async () => {
  const { client } = await app.as('user')
  await expect(client.core.auditEntries.list.query({})).rejects.toMatchObject({ data: { code: 'FORBIDDEN' } })
  await expect(app.client.core.auditEntries.list.query({})).rejects.toMatchObject({
    data: { code: 'NOT_SIGNED_IN' },
  })
  await (await app.as('support')).client.core.auditEntries.list.query({})
  await expect(app.db.transaction((trx) => trx.deleteFrom('audit_log').execute())).rejects.toThrow()
  await expect(
    app.db.transaction((trx) => trx.updateTable('audit_log').set({ action: 'x' }).execute()),
  ).rejects.toThrow()
})
