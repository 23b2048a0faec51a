import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const MINUTE = 60_000
const WRONG = 'not the one at all'

let app: TestApp
beforeAll(async () => {
  app = await testApp({
    env: {
      PLINTH_TRUSTED_PROXIES: '1',
      PLINTH_LOCKOUT_PER_NETWORK: '3',
      PLINTH_LOCKOUT_PER_ACCOUNT: '8',
      PLINTH_LOCKOUT_WINDOW_MS: String(10 * MINUTE),
      PLINTH_LOCKOUT_LOCK_MS: String(5 * MINUTE),
    },
  })
})
afterAll(() => app[Symbol.asyncDispose]())

interface Try {
  readonly email: string
  readonly password: string
  readonly from?: string
  readonly deviceToken?: string | null
}

const attempt = async ({ email, password, from = '203.0.113.1', deviceToken }: Try) => {
  const { status, body, headers } = await app.rest('POST', '/api/v1/auth/login', {
    body: { email, password, ...(deviceToken && { deviceToken }) },
    headers: { 'x-forwarded-for': from },
  })
  const { code, deviceToken: given } = body as { code?: string; deviceToken?: string }
  return { status, code, retryAfter: headers.get('retry-after'), deviceToken: given }
}

test('repeated failures lock the account for that network, even with the right password, and the lock clears by itself', async () => {
  const { email, password } = await app.as('user')
  for (let count = 0; count < 3; count += 1)
    expect((await attempt({ email, password: WRONG })).code).toBe('INVALID_CREDENTIALS')
  expect(await attempt({ email, password })).toMatchObject({
    status: 429,
    code: 'ACCOUNT_LOCKED',
    retryAfter: '300',
  })
  expect((await attempt({ email, password, from: '203.0.113.2' })).status).toBe(200)
  app.clock.advance(5 * MINUTE)
  expect((await attempt({ email, password })).status).toBe(200)
})

test('a success forgets the failures before it', async () => {
  const { email, password } = await app.as('user')
  for (let round = 0; round < 3; round += 1) {
    for (let count = 0; count < 2; count += 1)
      expect((await attempt({ email, password: WRONG })).status).toBe(401)
    expect((await attempt({ email, password })).status).toBe(200)
  }
})

test('failures from everywhere hold off strange devices, and do not keep the holder out', async () => {
  const { email, password } = await app.as('user')
  const home = '198.51.100.7'
  const { deviceToken } = await attempt({ email, password, from: home })
  for (let count = 0; count < 8; count += 1)
    expect((await attempt({ email, password: WRONG, from: `203.0.113.${10 + count}` })).status).toBe(401)
  expect(await attempt({ email, password, from: '203.0.113.99' })).toMatchObject({
    status: 429,
    code: 'ACCOUNT_LOCKED',
  })
  expect((await attempt({ email, password, from: home, deviceToken: deviceToken ?? '' })).status).toBe(200)
  const stranger = await app.as('user')
  const { deviceToken: foreign } = await attempt({ ...stranger, from: home })
  expect((await attempt({ email, password, from: home, deviceToken: foreign ?? '' })).status).toBe(429)
})

test('an address without an account locks alike', async () => {
  const email = 'nobody@example.com'
  const seen: (string | undefined)[] = []
  for (let count = 0; count < 4; count += 1) seen.push((await attempt({ email, password: WRONG })).code)
  expect(seen).toEqual([...Array.from({ length: 3 }, () => 'INVALID_CREDENTIALS'), 'ACCOUNT_LOCKED'])
})

test('many guesses at once do not find the right one once the account is locked', async () => {
  const { email, password } = await app.as('user')
  const guesses = Array.from({ length: 40 }, (_, index) => attempt({ email, password: `${WRONG} ${index}` }))
  const codes = (await Promise.all(guesses)).map(({ code }) => code)
  expect(codes.every((code) => code === 'INVALID_CREDENTIALS' || code === 'ACCOUNT_LOCKED')).toBe(true)
  expect((await attempt({ email, password })).code).toBe('ACCOUNT_LOCKED')
})
