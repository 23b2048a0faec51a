import { testApp } from '@plinth/testing'
import { expect, test } from 'vitest'

const LIMITS = {
  default: { perMinute: 1_000_000, burst: 1_000_000 },
  auth: { perMinute: 6, burst: 4 },
}

test('one address is stopped, whichever accounts it tries', async () => {
  await using app = await testApp({ env: { PLINTH_LIMITS: JSON.stringify(LIMITS) } })
  const statuses: number[] = []
  for (let index = 0; index < 7; index++) {
    const body = { email: `someone-${index}@example.com`, password: 'a guess' }
    statuses.push((await app.rest('POST', '/api/v1/auth/login', { body })).status)
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
})
