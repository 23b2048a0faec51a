import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { totpCode } from '@plinth/testing/outside'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appWithLoginsIn, loginStores } from '../../test/login-stores.ts'

const refusal = (code: string) => ({ data: { code } })
const NEXT = 'an even longer phrase 8'

const tokenFor = async (app: TestApp, { client }: TestActor, email: string): Promise<string> => {
  await client.core.accounts.changeEmail.mutate({ email })
  await app.settle()
  const mail = (await app.mails()).find(({ to }) => to === email)
  return /token=(plv_[\w-]+)/.exec(mail?.text ?? '')?.[1] ?? ''
}

describe('a thief of a login', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp()
  })
  afterAll(() => app[Symbol.asyncDispose]())

  const ends: Record<string, (holder: TestActor) => Promise<unknown>> = {
    'a change of the password': ({ client, password }) =>
      client.core.accounts.changePassword.mutate({ currentPassword: password, newPassword: NEXT }),
    'a ban': async ({ account }) =>
      (await app.as('admin')).client.core.users.ban.mutate({ id: account.id, reason: 'Taken over' }),
    'all logins were ended': ({ client }) => client.core.sessions.deleteAll.mutate({}),
    'a forced logout': async ({ account }) =>
      (await app.as('admin')).client.core.users.logout.mutate({ id: account.id }),
    'being disabled': async ({ account }) =>
      (await app.as('admin')).client.core.users.disable.mutate({ id: account.id }),
    'a reset of the password': async ({ email }) => {
      await app.client.core.passwords.forgot.mutate({ email })
      await app.settle()
      const mail = (await app.mails()).find(({ to, text }) => to === email && /\b\d{6}\b/.test(text))
      const code = /\b(\d{6})\b/.exec(mail?.text ?? '')?.[1] ?? ''
      return app.client.core.passwords.reset.mutate({ email, code, newPassword: NEXT })
    },
  }

  test.each(Object.entries(ends))(
    'does not get the account by an address of their own after %s',
    async (name, end) => {
      const holder = await app.as('user')
      const token = await tokenFor(app, holder, `${name.replaceAll(' ', '-')}@thief.example.com`)
      expect(token).toMatch(/^plv_/)
      await end(holder)
      await expect(app.client.core.accounts.confirmEmail.mutate({ token })).rejects.toMatchObject(
        refusal('VERIFICATION_UNKNOWN'),
      )
    },
  )

  test('can not guess the password by changing it, however many guesses are made at once', async () => {
    const { client, password } = await app.as('user')
    const change = (currentPassword: string) =>
      client.core.accounts.changePassword.mutate({ currentPassword, newPassword: NEXT }).then(
        () => 'changed',
        (error: { data: { code: string } }) => error.data.code,
      )
    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => change(`a wrong guess ${index}`)),
    )
    expect(codes.filter((code) => code === 'WRONG_PASSWORD')).toHaveLength(5)
    expect(codes.filter((code) => code === 'TOO_MANY_REQUESTS')).toHaveLength(15)
    expect(await change(password)).toBe('TOO_MANY_REQUESTS')
  })

  test('can not have an address that is not theirs flooded with verification mails', async () => {
    const email = 'victim-of-mails@example.com'
    const password = 'correct horse battery'
    await app.client.core.accounts.register.mutate({ email, password, name: 'Eve' })
    const { tokens } = await app.client.core.sessions.login.mutate({ email, password })
    const client = app.clientWith({ authorization: `Bearer ${tokens?.accessToken}` })
    const ask = () =>
      client.core.accounts.resendVerification.mutate().then(
        () => 'sent',
        (error: { data: { code: string } }) => error.data.code,
      )
    const answers = await Promise.all(Array.from({ length: 12 }, ask))
    expect(answers.filter((answer) => answer === 'sent')).toHaveLength(5)
    expect(answers.filter((answer) => answer === 'MAILS_EXHAUSTED')).toHaveLength(7)
    await app.settle()
    expect((await app.mails()).filter(({ to }) => to === email)).toHaveLength(6)
    app.clock.advance(3_600_000)
  })
})

test('who may ban can not by that enable what somebody else disabled or has yet to approve', async () => {
  await using app = await testApp()
  const [admin, moderator, user] = [await app.as('admin'), await app.as('moderator'), await app.as('user')]
  const { id } = user.account
  await admin.client.core.users.disable.mutate({ id })
  const { users } = moderator.client.core
  await expect(users.ban.mutate({ id, reason: 'To unban it' })).rejects.toMatchObject(refusal('NOT_ACTIVE'))
  await expect(users.unban.mutate({ id })).rejects.toMatchObject(refusal('NOT_BANNED'))
  expect(await users.get.query({ id })).toMatchObject({ state: 'disabled' })
})

describe.each(loginStores)('with logins in %s', (store) => {
  test('whoever acts for somebody stops when they are disabled, or may do less', async () => {
    await using app = await appWithLoginsIn(store)
    const top = await app.as('super_admin')
    const user = await app.as('user')
    const acts = async (by: TestActor) => {
      const { accessToken: token } = await by.client.core.users.impersonate.mutate({
        id: user.account.id,
        reason: 'Ticket 4711',
      })
      return async () => (await app.rest('GET', '/api/user/profile', { token })).status
    }
    const [one, other] = [await app.as('admin'), await app.as('admin')]
    const [asOne, asOther] = [await acts(one), await acts(other)]
    expect([await asOne(), await asOther()]).toEqual([200, 200])
    await top.client.core.users.disable.mutate({ id: one.account.id })
    expect([await asOne(), await asOther()]).toEqual([401, 200])
    await top.client.core.users.setRole.mutate({ id: other.account.id, role: 'user' })
    expect(await asOther()).toBe(401)
    await user.client.core.accounts.get.query()
  })
})

test('whoever registers with the address of somebody else keeps nothing once that one resets the password by mail', async () => {
  await using app = await testApp()
  const email = 'victim-of-haste@example.com'
  const password = 'correct horse battery'
  const { login } = app.client.core.sessions
  await app.client.core.accounts.register.mutate({ email, password, name: 'Eve' })
  const { tokens } = await login.mutate({ email, password })
  const early = app.clientWith({ authorization: `Bearer ${tokens?.accessToken}` })
  const key = await early.core.apiKeys.create.mutate({ name: 'Back door', scopes: ['accounts:read'] })
  const profile = () => app.rest('GET', '/api/user/profile', { token: key.secret })
  expect((await profile()).status).toBe(200)
  const { secret } = await early.core.secondFactors.enrolTotp.mutate()
  const code = totpCode(secret, app.clock.now())
  await early.core.secondFactors.confirmTotp.mutate({ code })
  await app.client.core.passwords.forgot.mutate({ email })
  await app.settle()
  const mail = (await app.mails()).find(({ to, text }) => to === email && /\b\d{6}\b/.test(text))
  const reset = /\b(\d{6})\b/.exec(mail?.text ?? '')?.[1] ?? ''
  await app.client.core.passwords.reset.mutate({ email, code: reset, newPassword: NEXT })
  const mine = await login.mutate({ email, password: NEXT })
  expect(mine.account.emailVerifiedAt).not.toBeNull()
  expect((await profile()).body).toMatchObject({ code: 'KEY_REVOKED' })
  const holder = app.clientWith({ authorization: `Bearer ${mine.tokens?.accessToken}` })
  expect(await holder.core.secondFactors.get.query()).toMatchObject({ passkeys: 0 })
})
