import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const refusal = (code: string) => ({ data: { code } })
const PASSWORD = 'correct horse battery'

const mailTo = async (email: string) => {
  await app.settle()
  return (await app.mails()).filter(({ to }) => to === email)
}
const ask = async ({ client }: TestActor, email: string) => {
  await client.core.accounts.changeEmail.mutate({ email })
  const [mail] = await mailTo(email.toLowerCase())
  return /token=(plv_[\w-]+)/.exec(mail?.text ?? '')?.[1] ?? ''
}
const confirm = (token: string) => app.client.core.accounts.confirmEmail.mutate({ token })

test('a new address counts once it is confirmed, both are told, and the old one signs in no more', async () => {
  const user = await app.as('user')
  const token = await ask(user, 'New.Address@example.com')
  expect((await user.client.core.accounts.get.query()).email).toBe(user.email)
  expect((await mailTo(user.email)).map(({ subject }) => subject)).toEqual([
    'Your email address is to be changed',
  ])
  expect(await confirm(token)).toMatchObject({ email: 'new.address@example.com' })
  const { login } = app.client.core.sessions
  await login.mutate({ email: 'new.address@example.com', password: user.password })
  await expect(login.mutate({ email: user.email, password: user.password })).rejects.toMatchObject(
    refusal('INVALID_CREDENTIALS'),
  )
  await expect(confirm(token)).rejects.toMatchObject(refusal('VERIFICATION_UNKNOWN'))
  const admin = await app.as('admin')
  expect((await admin.client.core.users.list.query({ q: 'new.address' })).items).toHaveLength(1)
})

test('only the newest request counts, for its time', async () => {
  const user = await app.as('user')
  const first = await ask(user, 'first-wish@example.com')
  const second = await ask(user, 'second-wish@example.com')
  await expect(confirm(first)).rejects.toMatchObject(refusal('VERIFICATION_UNKNOWN'))
  app.clock.advance(24 * 3_600_000)
  await expect(confirm(second)).rejects.toMatchObject(refusal('VERIFICATION_EXPIRED'))
})

test('that an address has an account is told to nobody but its holder, and nothing is taken over', async () => {
  const [user, holder] = [await app.as('user'), await app.as('user')]
  const { email } = holder
  const free = await user.client.core.accounts.changeEmail.mutate({ email: 'free-one@example.com' })
  const taken = await user.client.core.accounts.changeEmail.mutate({ email })
  expect(Object.keys(taken)).toEqual(Object.keys(free))
  const [mail] = await mailTo(email)
  expect(mail?.subject).toBe('Your address was given for another account')
  expect(mail?.text).not.toContain('plv_')
  expect(await ask(user, user.email).catch((error: unknown) => error)).toMatchObject(refusal('SAME_EMAIL'))
})

test('an address that somebody registers meanwhile is not taken over', async () => {
  const user = await app.as('user')
  const email = 'wanted-by-two@example.com'
  const token = await ask(user, email)
  await app.client.core.accounts.register.mutate({ email, password: PASSWORD, name: 'Quicker' })
  await expect(confirm(token)).rejects.toMatchObject(refusal('EMAIL_TAKEN'))
})

test('of many confirmations of one address by several accounts at once, one is made', async () => {
  const email = 'raced-for@example.com'
  const tokens: string[] = []
  for (let count = 0; count < 5; count += 1) tokens.push(await ask(await app.as('user'), email))
  expect(new Set(tokens).size).toBe(5)
  const settled = await Promise.allSettled(tokens.flatMap((token) => [confirm(token), confirm(token)]))
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('one address is sent no more mails than its limit allows, whoever asks', async () => {
  await using own = await testApp({
    env: {
      PLINTH_LIMITS: JSON.stringify({
        default: { perMinute: 1e6, burst: 1e6 },
        auth: { perMinute: 30, burst: 10 },
      }),
      PLINTH_TRUSTED_PROXIES: '1',
    },
  })
  const codes: (string | undefined)[] = []
  const actors = [await own.as('user'), await own.as('user'), await own.as('user')]
  for (let call = 0; call < 15; call += 1) {
    const { accessToken: token } = actors[call % 3] ?? { accessToken: '' }
    const { body } = await own.rest('POST', '/api/user/email', {
      token,
      body: { email: 'victim@example.com' },
      headers: { 'x-forwarded-for': `203.0.113.${call + 1}` },
    })
    codes.push((body as { code?: string }).code)
  }
  expect(codes.slice(0, 11)).not.toContain('TOO_MANY_REQUESTS')
  expect(codes.slice(11)).toEqual(Array.from({ length: 4 }, () => 'TOO_MANY_REQUESTS'))
})

test('changing the address and deleting the account need a recent proof of who asks', async () => {
  const { client, accessToken: token, refreshToken } = await app.as('user')
  app.clock.advance(10 * 60_000)
  const { tokens } = await app.client.core.sessions.refresh.mutate({ refreshToken })
  app.clock.advance(5 * 60_000 + 1)
  const stale = tokens?.accessToken ?? ''
  for (const [method, path, body] of [
    ['POST', '/api/user/email', { email: 'other@example.com' }],
    ['DELETE', '/api/user/profile', undefined],
  ] as const)
    expect((await app.rest(method, path, { token: stale, ...(body && { body }) })).body).toMatchObject({
      code: 'FRESH_SIGN_IN_NEEDED',
    })
  expect(token).not.toBe(stale)
  await expect(client.core.accounts.get.query()).rejects.toMatchObject(refusal('TOKEN_REVOKED'))
})

test('an own account that is deleted is gone at once, and its cookies go', async () => {
  const user = await app.as('user')
  expect(await user.client.core.accounts.delete.mutate()).toMatchObject({
    id: user.account.id,
    endedLogins: 1,
  })
  await expect(user.client.core.accounts.get.query()).rejects.toMatchObject(refusal('TOKEN_REVOKED'))
  await expect(
    app.client.core.sessions.login.mutate({ email: user.email, password: user.password }),
  ).rejects.toMatchObject(refusal('INVALID_CREDENTIALS'))
  expect((await mailTo(user.email)).map(({ subject }) => subject)).toEqual(['Your account was deleted'])
})
