import { testApp } from '@plinth/testing'
import { testAuthenticator, totpCode } from '@plinth/testing/outside'
import { expect, test } from 'vitest'
import { createClient } from './client.ts'
import { isPlinthError } from './errors.ts'
import { browserFetch } from './testing.ts'

const PAGE = 'http://localhost:4000'
const FRESH_MS = 15 * 60_000

test('a program enrols an authenticator app, signs in with its codes, and proves anew what it may do', async () => {
  await using app = await testApp()
  const { email, password } = await app.as('user')
  const client = createClient({ url: app.url })
  const { sessions, secondFactors } = client.core
  await sessions.login.mutate({ email, password })
  const { secret } = await secondFactors.enrolTotp.mutate()
  const code = () => totpCode(secret, app.clock.now())
  const { recoveryCodes } = await secondFactors.confirmTotp.mutate({ code: code() })
  await sessions.logout.mutate()

  const refusal = await sessions.login.mutate({ email, password }).catch((error: unknown) => error)
  expect(isPlinthError(refusal, 'SECOND_FACTOR_NEEDED')).toBe(true)
  app.clock.advance(30_000)
  await sessions.login.mutate({ email, password, secondFactor: { code: code() } })
  expect((await client.core.accounts.get.query()).email).toBe(email)

  app.clock.advance(FRESH_MS + 1)
  const stale = await secondFactors.renewRecoveryCodes.mutate().catch((error: unknown) => error)
  expect(isPlinthError(stale, 'FRESH_SIGN_IN_NEEDED')).toBe(true)
  await sessions.prove.mutate({ secondFactor: { code: code() } })
  expect((await secondFactors.renewRecoveryCodes.mutate()).recoveryCodes).not.toEqual(recoveryCodes)
})

test.each(['token', 'cookie'] as const)(
  'a sign-in with a passkey begins a session, kept by %s',
  async (mode) => {
    await using app = await testApp({ env: { PLINTH_WEB_URL: PAGE, PLINTH_ORIGINS: PAGE } })
    const owner = await app.as('user')
    const authenticator = testAuthenticator({ origin: PAGE })
    const options = await owner.client.core.passkeys.registrationOptions.mutate()
    await owner.client.core.passkeys.register.mutate({ credential: authenticator.create(options) })
    const { fetch } = browserFetch(PAGE, globalThis.fetch)
    const client = createClient({ url: app.url, mode, ...(mode === 'cookie' && { fetch }) })
    const { passkeys, accounts, sessions } = client.core
    const credential = authenticator.get(await passkeys.signInOptions.mutate())
    const { tokens } = await passkeys.signIn.mutate({ credential })
    expect(tokens === null).toBe(mode === 'cookie')
    expect((await accounts.get.query()).email).toBe(owner.email)
    await sessions.logout.mutate()
    await expect(accounts.get.query()).rejects.toMatchObject({ data: { code: 'NOT_SIGNED_IN' } })
  },
)
