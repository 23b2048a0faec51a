import { testApp } from '@plinth/testing'
import { expect, test } from 'vitest'
import { createClient } from './client.ts'
import { isPlinthError } from './errors.ts'
import type { Tokens } from './session.ts'
import { browserFetch, recordingFetch } from './testing.ts'

const ORIGIN = 'http://localhost:5173'

const setUp = async () => {
  const app = await testApp({ env: { PLINTH_ORIGINS: ORIGIN } })
  const network = recordingFetch()
  const { fetch, cookies } = browserFetch(ORIGIN, network.fetch)
  const kept: (Tokens | null)[] = []
  const tab = () =>
    createClient({ url: app.url, mode: 'cookie', fetch, onTokens: (tokens) => kept.push(tokens) })
  return { app, tab, cookies, kept, ...network, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

test('in cookie mode scripts never see a token, and calls are signed in until the logout', async () => {
  await using page = await setUp()
  const { email, password } = await page.app.as('user')
  const client = page.tab()
  expect(await client.core.sessions.login.mutate({ email, password })).toMatchObject({ tokens: null })
  expect([...page.cookies.keys()].toSorted()).toEqual(['plinth_access', 'plinth_device', 'plinth_refresh'])
  expect((await client.core.accounts.get.query()).email).toBe(email)
  expect((await client.core.accounts.update.mutate({ name: 'Ada' })).name).toBe('Ada')
  expect(page.sent.every(({ headers }) => !('authorization' in headers))).toBe(true)
  await client.core.sessions.logout.mutate()
  // By which the next sign-in knows the browser.
  expect([...page.cookies.keys()]).toEqual(['plinth_device'])
  expect(page.kept).toEqual([null])
})

test('in cookie mode an expired token is renewed once for all calls of a tab', async () => {
  await using page = await setUp()
  const { email, password } = await page.app.as('user')
  const client = page.tab()
  await client.core.sessions.login.mutate({ email, password })
  const before = page.cookies.get('plinth_access')
  page.app.clock.advance(16 * 60_000)
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.core.accounts.get.query()))
  expect(answers).toHaveLength(20)
  expect(page.to('core.sessions.refresh')).toHaveLength(1)
  expect(page.cookies.get('plinth_access')).not.toBe(before)
})

test('two tabs with the same cookies do not spend one refresh token twice', async () => {
  await using page = await setUp()
  const { email, password } = await page.app.as('user')
  const tabs = [page.tab(), page.tab()]
  await tabs[0]?.core.sessions.login.mutate({ email, password })
  page.app.clock.advance(16 * 60_000)
  const answers = await Promise.all(tabs.map((client) => client.core.accounts.get.query()))
  expect(answers.map((account) => account.email)).toEqual([email, email])
  expect(page.to('core.sessions.refresh')).toHaveLength(1)
})

test('in cookie mode a refused renewal ends the session', async () => {
  await using page = await setUp()
  const { email, password } = await page.app.as('user')
  const client = page.tab()
  await client.core.sessions.login.mutate({ email, password })
  page.app.clock.advance(31 * 24 * 3_600_000)
  const error: unknown = await client.core.accounts.get.query().catch((failure: unknown) => failure)
  expect(isPlinthError(error, 'TOKEN_EXPIRED')).toBe(true)
  expect(page.kept).toEqual([null])
})
