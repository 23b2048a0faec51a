import { testApp } from '@plinth/testing'
import { expect, test } from 'vitest'

const HOUR_MS = 3_600_000

test('a clock that is set back an hour ends no session, stops no limit, and loses no write, job or page', async () => {
  await using app = await testApp({
    env: { PLINTH_LIMITS: JSON.stringify({ default: { perMinute: 600, burst: 500 } }) },
  })
  const manager = await app.as('manager')
  const create = (name: string) =>
    manager.client.commerce.products.create.mutate({ name, price: { amount: 100, currency: 'EUR' } })
  const made = [await create('Before one'), await create('Before two')]
  app.clock.advance(-HOUR_MS)
  made.push(await create('After one'), await create('After two'))
  expect(new Set(made.map(({ id }) => id)).size).toBe(4)

  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page: { items: { id: string }[]; nextCursor: string | null } =
      await manager.client.commerce.products.list.query({
        limit: 1,
        sort: ['-createdAt'],
        ...(cursor !== null && { cursor }),
      })
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
  } while (cursor !== null)
  expect(seen.sort()).toEqual(made.map(({ id }) => id).sort())

  const updated = await manager.client.core.accounts.update.mutate({ name: 'Set Back' })
  expect(updated.name).toBe('Set Back')
  const renewed = await manager.client.core.sessions.refresh.mutate({ refreshToken: manager.refreshToken })
  expect(renewed.tokens?.accessToken).toEqual(expect.any(String))

  await app.client.core.accounts.register.mutate({
    email: 'set.back@example.com',
    password: 'a long enough test phrase 7',
    name: 'Set Back',
  })
  await app.settle()
  expect((await app.mails()).map(({ to }) => to)).toContain('set.back@example.com')
})
