import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const rowsOf = (name: string) =>
  app.db.read
    .selectFrom('audit_log')
    .select('id')
    .where('action', '=', name)
    .where('outcome', '=', 'done')
    .execute()

describe.each(['rest', 'trpc'] as const)('at the same time, over %s,', (wire) => {
  const send = (path: string, name: string, body: object, headers: Record<string, string>) =>
    wire === 'rest'
      ? app.rest('POST', path, { body, headers })
      : app.rest('POST', `/trpc/${name}`, { body, headers })

  test('200 registrations of one address make one account', async () => {
    const before = (await rowsOf('core.accounts.register')).length
    const body = { email: `race-${wire}@example.com`, password: 'a long enough test phrase 7', name: 'Race' }
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => send('/api/v1/auth/register', 'core.accounts.register', body, {})),
    )
    const statuses = new Map(
      [...Map.groupBy(answers, ({ status }) => status)].map(([key, all]) => [key, all.length]),
    )
    expect((statuses.get(201) ?? 0) + (statuses.get(200) ?? 0)).toBe(1)
    // Who finds the queue of hashes full is told to come back; everybody else, that the address is taken.
    expect((statuses.get(409) ?? 0) + (statuses.get(503) ?? 0)).toBe(199)
    expect(await rowsOf('core.accounts.register')).toHaveLength(before + 1)
  })

  test('50 calls with one idempotency key have one effect, and all that are answered are answered the same', async () => {
    const { accessToken } = await app.as('manager')
    const before = (await rowsOf('commerce.products.create')).length
    const body = { name: `Keyed over ${wire}`, price: { amount: 100, currency: 'EUR' } }
    const headers = { authorization: `Bearer ${accessToken}`, 'idempotency-key': `fifty-${wire}` }
    const call = () => send('/api/v1/products', 'commerce.products.create', body, headers)
    let answers = await Promise.all(Array.from({ length: 50 }, call))
    for (const { status } of answers) expect([200, 201, 409]).toContain(status)
    answers = [...answers.filter(({ status }) => status < 300), await call()]
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(await rowsOf('commerce.products.create')).toHaveLength(before + 1)
  })
})
