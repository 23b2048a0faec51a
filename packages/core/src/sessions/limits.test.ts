import { testApp } from '@plinth/testing'
import { expect, test } from 'vitest'

const LIMITS = {
  default: { perMinute: 1_000_000, burst: 1_000_000 },
  auth: { perMinute: 6, burst: 4 },
}

test('guessing at one account is stopped with 429 and the seconds to wait, and goes on after them', async () => {
  await using app = await testApp({
    env: { PLINTH_LIMITS: JSON.stringify(LIMITS), PLINTH_TRUSTED_PROXIES: '1' },
  })
  const attempt = (index: number, email = 'ada@example.com') =>
    app.rest('POST', '/api/v1/auth/login', {
      body: { email, password: `guess number ${index}` },
      headers: { 'x-forwarded-for': `203.0.113.${index}` },
    })
  for (let index = 1; index <= 5; index++) expect((await attempt(index)).status).toBe(401)
  const { status, headers, body } = await attempt(6)
  expect([status, (body as { code: string }).code]).toEqual([429, 'TOO_MANY_REQUESTS'])
  expect(headers.get('retry-after')).toBe('10')
  expect((await attempt(7, 'grace@example.com')).status).toBe(401)
  app.clock.advance(10_000)
  expect((await attempt(8)).status).toBe(401)
})

test('one address is stopped too, whichever accounts it tries', async () => {
  await using app = await testApp({ env: { PLINTH_LIMITS: JSON.stringify(LIMITS) } })
  const statuses: number[] = []
  for (let index = 0; index < 7; index++) {
    const body = { email: `someone-${index}@example.com`, password: 'a guess' }
    statuses.push((await app.rest('POST', '/api/v1/auth/login', { body })).status)
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
})
