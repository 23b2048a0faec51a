import { testApp } from '@plinth/testing'
import { testOAuthProvider } from '@plinth/testing/outside'
import { expect, test } from 'vitest'
import { createClient } from './client.ts'
import { browserFetch } from './testing.ts'

const PAGE = 'http://localhost:4000'
const person = { subject: '1906', name: 'Grace Hopper', email: 'grace@example.com', emailVerified: true }

test.each(['token', 'cookie'] as const)(
  'a sign-in with a provider begins a session, kept by %s, which its logout ends',
  async (mode) => {
    await using provider = await testOAuthProvider({ page: PAGE })
    await using app = await testApp({
      env: { ...provider.env(), PLINTH_WEB_URL: PAGE, PLINTH_ORIGINS: PAGE },
    })
    const { fetch } = browserFetch(PAGE, globalThis.fetch)
    const client = createClient({ url: app.url, mode, ...(mode === 'cookie' && { fetch }) })
    const { identities, accounts, sessions } = client.core
    const { url, flowToken } = await identities.begin.mutate({ provider: 'google' })
    const back = await provider.visit(url, person)
    const { tokens } = await identities.complete.mutate({
      provider: 'google',
      flowToken: flowToken ?? '',
      ...back,
    })
    expect(tokens === null).toBe(mode === 'cookie')
    expect((await accounts.get.query()).email).toBe(person.email)
    await sessions.logout.mutate()
    await expect(accounts.get.query()).rejects.toMatchObject({ data: { code: 'NOT_SIGNED_IN' } })
  },
)
