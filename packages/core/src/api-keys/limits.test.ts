import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { afterEach, expect, test } from 'vitest'
import { type KeyWithSecret, newKey, outcomeOf, sendSigned, signatureHeaders } from '../../test/api-keys.ts'

let app: TestApp
let owner: TestActor
const start = async (limits: object) => {
  app = await testApp({ env: { PLINTH_LIMITS: JSON.stringify(limits) } })
  owner = await app.as('user')
}
afterEach(() => app[Symbol.asyncDispose]())

const MANY = { perMinute: 100_000, burst: 100_000 }
const scopes = ['accounts:read']
const ask = (key: KeyWithSecret) => app.rest('GET', '/api/user/profile', { token: key.secret })

test('a key has limits of its own, shown with each answer; others and its owner are not held up', async () => {
  await start({ default: MANY, auth: MANY })
  const key = await newKey(owner, { scopes, perMinute: 6, burst: 2 })
  const other = await newKey(owner, { scopes, perMinute: 6, burst: 2 })
  for (const left of ['2', '1', '0']) {
    const { status, headers } = await ask(key)
    expect([status, headers.get('ratelimit-limit'), headers.get('ratelimit-remaining')]).toEqual([
      200,
      '3',
      left,
    ])
  }
  const over = await ask(key)
  expect(outcomeOf(over)).toEqual([429, 'TOO_MANY_REQUESTS'])
  expect([over.headers.get('retry-after'), over.headers.get('ratelimit-reset')]).toEqual(['10', '30'])
  expect((await ask(other)).status).toBe(200)
  expect((await app.rest('GET', '/api/user/profile', { token: owner.accessToken })).status).toBe(200)
  app.clock.advance(10_000)
  expect([(await ask(key)).status, (await ask(key)).status]).toEqual([200, 429])
})

test('its limits stand in the place of those of everybody, and not of those for signing in', async () => {
  await start({ default: { perMinute: 60, burst: 5 }, auth: { perMinute: 1, burst: 2 } })
  const key = await newKey(owner, { scopes, perMinute: 600, burst: 300 })
  const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await ask(key)).status))
  expect(new Set(statuses)).toEqual(new Set([200]))
  const login = () =>
    app.rest('POST', '/api/v1/auth/login', {
      token: key.secret,
      body: { email: owner.email, password: 'a guess of a password' },
    })
  const outcomes = []
  for (let index = 0; index < 5; index += 1) outcomes.push((await login()).status)
  expect(outcomes.at(-1)).toBe(429)
})

test('a signed request that is over the limit can be sent again as it is, and then once', async () => {
  await start({ default: MANY, auth: MANY })
  const key = await newKey(owner, { scopes, signed: true, perMinute: 60, burst: 0 })
  const path = '/api/user/profile'
  expect((await sendSigned(app, key, { path })).status).toBe(200)
  const headers = signatureHeaders(app, key, { path })
  const send = async () => outcomeOf(await app.rest('GET', path, { headers }))
  expect(await send()).toEqual([429, 'TOO_MANY_REQUESTS'])
  app.clock.advance(1000)
  expect(await send()).toEqual([200, undefined])
  app.clock.advance(1000)
  expect(await send()).toEqual([401, 'NONCE_USED'])
})
