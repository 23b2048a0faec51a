import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addAccount, codeTo, failure, NEW_PASSWORD, OLD_PASSWORD } from '../../test/otp.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const askFor = async (phone: string) => {
  await app.client.core.passwords.forgot.mutate({ phone })
  return codeTo(app, phone)
}
const reset = (phone: string, code: string) =>
  app.client.core.passwords.reset.mutate({ phone, code, newPassword: NEW_PASSWORD })
const proved = () => ({ phone_verified_at: app.clock.now().toISOString() })

test('the code of a short message sets a new password, and it proves no address', async () => {
  const phone = '+4930100001'
  await addAccount(app, 'sms@example.com', { phone, ...proved(), email_verified_at: null })
  const code = await askFor(phone)
  const [message] = await app.composed.mailbox.list({ to: phone })
  expect(message).toMatchObject({ channel: 'sms', subject: '' })
  expect(message?.text).toMatch(/^\d{6} sets a new password .* 10 minutes/)
  await expect(reset(phone, code)).resolves.toMatchObject({ endedLogins: 0 })
  const login = { email: 'sms@example.com', password: NEW_PASSWORD }
  expect((await app.client.core.sessions.login.mutate(login)).account.emailVerifiedAt).toBeNull()
})

test('a number that nobody proved, or that is of nobody, gets no message and the same answer', async () => {
  await addAccount(app, 'unproved@example.com', { phone: '+4930100002' })
  const { forgot } = app.client.core.passwords
  const unproved = await forgot.mutate({ phone: '+4930100002' })
  expect(await forgot.mutate({ phone: '+4930100003' })).toEqual(unproved)
  expect([await codeTo(app, '+4930100002'), await codeTo(app, '+4930100003')]).toEqual(['', ''])
})

test('a number that was proved by several is of whoever proved it last', async () => {
  const phone = '+4930100004'
  await addAccount(app, 'before@example.com', { phone, ...proved() })
  app.clock.advance(1000)
  await addAccount(app, 'after@example.com', { phone, ...proved() })
  await reset(phone, await askFor(phone))
  const login = (email: string, password: string) =>
    app.client.core.sessions.login.mutate({ email, password })
  expect((await login('before@example.com', OLD_PASSWORD)).account.email).toBe('before@example.com')
  expect((await login('after@example.com', NEW_PASSWORD)).account.email).toBe('after@example.com')
})

test('another number has to be proved anew before a code is sent there; the same one stays proved', async () => {
  const [phone, other] = ['+4930100005', '+4930100006']
  await addAccount(app, 'moving@example.com', { phone, ...proved() })
  const signedIn = { email: 'moving@example.com', password: OLD_PASSWORD }
  const { tokens } = await app.client.core.sessions.login.mutate(signedIn)
  const { accounts } = app.clientWith({ authorization: `Bearer ${tokens?.accessToken}` }).core
  await accounts.update.mutate({ phone, name: 'Ada Byron' })
  expect(await askFor(phone)).not.toBe('')
  await accounts.update.mutate({ phone: other })
  expect(await askFor(other)).toBe('')
  await expect(reset(phone, await codeTo(app, phone))).rejects.toMatchObject(failure('CODE_INVALID'))
})
