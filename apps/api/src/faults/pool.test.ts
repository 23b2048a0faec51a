import { isServerEngine } from '@plinth/db/testing'
import { testApp } from '@plinth/testing'
import { expect, test } from 'vitest'

// One writer at a time is all that an embedded database has.
const POOL = isServerEngine() ? 2 : 1
const ACQUIRE_MS = 300

test('when no connection comes free, writes are 503 in bounded time with Retry-After, while reads go on', async () => {
  await using app = await testApp({
    env: {
      PLINTH_DATABASE_POOL_MAX: String(POOL),
      PLINTH_DATABASE_POOL_ACQUIRE_TIMEOUT_MS: String(ACQUIRE_MS),
    },
  })
  const { accessToken } = await app.as('user')
  const held = Promise.withResolvers<void>()
  const begun = Array.from({ length: POOL }, () => Promise.withResolvers<void>())
  const hold = ({ resolve }: PromiseWithResolvers<void>) =>
    app.db.transaction(async (trx) => {
      await trx.selectFrom('outbox').select('id').limit(1).execute()
      resolve()
      await held.promise
    })
  const holders = Promise.all(begun.map(hold))
  await Promise.all(begun.map(({ promise }) => promise))

  const write = async () => {
    const startedAt = performance.now()
    const answer = await app.rest('PUT', '/api/v1/user/profile', {
      token: accessToken,
      body: { name: 'New' },
    })
    return { answer, ms: performance.now() - startedAt }
  }
  try {
    const refused = await Promise.all(Array.from({ length: 20 }, write))
    for (const { answer, ms } of refused) {
      expect(answer.body).toMatchObject({ status: 503, code: 'OVERLOADED' })
      expect(answer.headers.get('retry-after')).toBe('1')
      expect(ms).toBeLessThan(ACQUIRE_MS + 2000)
    }
    expect((await app.rest('GET', '/api/v1/products')).status).toBe(200)
  } finally {
    held.resolve()
    await holders
  }
  expect((await write()).answer.status).toBe(200)
})
