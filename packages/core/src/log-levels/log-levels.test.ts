import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const logged = (requestId: string) => app.logged.filter((line) => line.requestId === requestId)
const read = (requestId: string) =>
  app.rest('GET', '/api/v1/products', { headers: { 'x-request-id': requestId } })

describe('the running server', () => {
  test('changes the level of one module while it runs, and says so in the audit log', async () => {
    const { client, account } = await app.as('admin')
    await read('before-the-change')
    expect(logged('before-the-change')).toHaveLength(1)
    await client.core.logLevels.set.mutate({ module: 'access', level: 'error' })
    await read('after-the-change')
    expect(logged('after-the-change')).toHaveLength(0)
    await client.core.logLevels.set.mutate({ module: 'all', level: 'info' })
    await read('after-the-return')
    expect(logged('after-the-return')).toHaveLength(1)
    const { items } = await client.core.auditEntries.list.query({ actorId: account.id })
    expect(items.map(({ action, target }) => [action, target])).toContainEqual([
      'core.logLevels.set',
      'access',
    ])
    expect((await client.core.logLevels.list.query()).items).toContainEqual({
      module: 'access',
      level: 'info',
    })
  })

  test('knows its modules: another name is not found', async () => {
    const { client } = await app.as('admin')
    const refused = client.core.logLevels.set.mutate({ module: 'nonsense', level: 'info' })
    await expect(refused).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } })
  })

  test('lists its statements by what they cost, without their values', async () => {
    const { client, email } = await app.as('admin')
    const { items } = await client.core.statements.list.query({ limit: 5 })
    expect(items.length).toBeGreaterThan(0)
    expect(items.map(({ totalMs }) => totalMs)).toEqual(
      items.map(({ totalMs }) => totalMs).toSorted((a, b) => b - a),
    )
    expect(JSON.stringify(items)).not.toContain(email)
  })

  test('shows neither to those without the permission', async () => {
    const { client } = await app.as('manager')
    const calls = [() => client.core.logLevels.list.query(), () => client.core.statements.list.query({})]
    for (const call of calls) await expect(call()).rejects.toMatchObject({ data: { code: 'FORBIDDEN' } })
  })
})
