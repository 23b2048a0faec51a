import { expect, test } from 'vitest'
import { testApp } from '../test-app.ts'
import { leakedSecrets } from './secrets.ts'

test('a token or a password that stands in clear is found, in whatever column and in the log', async () => {
  await using app = await testApp()
  const { accessToken, password } = await app.as('user')
  const searched = { server: app, secrets: new Set([password]) }
  expect(await leakedSecrets(searched)).toEqual([])
  const event = { id: 'evt_1', type: accessToken, created_at: app.clock.now().toISOString() }
  await app.db.transaction((trx) =>
    trx
      .insertInto('outbox')
      .values({ ...event, payload: { deep: { phrase: `so ${password}!` } }, dispatched_at: null })
      .execute(),
  )
  app.composed.log.root.info({ told: accessToken }, 'said too much')
  expect(await leakedSecrets(searched)).toEqual([
    `outbox: ${accessToken}`,
    `outbox: ${password}`,
    `log: ${accessToken}`,
  ])
})
