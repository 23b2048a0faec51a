import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addAccount,
  codeTo,
  failure,
  NEW_PASSWORD,
  OLD_PASSWORD,
  otherThan,
  tokenTo,
} from '../../test/otp.ts'
import type { CoreDb } from '../db.ts'

const MINUTE = 60_000

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const passwords = () => app.client.core.passwords
const login = (email: string, password: string) => app.client.core.sessions.login.mutate({ email, password })
const reset = (email: string, code: string, newPassword = NEW_PASSWORD) =>
  passwords().reset.mutate({ email, code, newPassword })
const askFor = async (email: string, by: 'code' | 'link' = 'code') => {
  await passwords().forgot.mutate({ email, by })
  return by === 'code' ? codeTo(app, email) : tokenTo(app, email)
}

test('the mailed code sets a new password, ends every login and is good once', async () => {
  const email = 'flow@example.com'
  const id = await addAccount(app, email)
  const before = await login(email, OLD_PASSWORD)
  await login(email, OLD_PASSWORD)
  const asked = await passwords().forgot.mutate({ email })
  const now = app.clock.now().getTime()
  expect(asked).toEqual({
    requestedAt: new Date(now).toISOString(),
    expiresAt: new Date(now + 10 * MINUTE).toISOString(),
    retryAfterSeconds: 60,
  })
  const code = await codeTo(app, email)
  expect(await reset(email, code)).toEqual({ changedAt: new Date(now).toISOString(), endedLogins: 2 })
  const client = app.clientWith({ authorization: `Bearer ${before.tokens?.accessToken}` })
  await expect(client.core.accounts.get.query()).rejects.toMatchObject(failure('TOKEN_REVOKED'))
  await expect(login(email, OLD_PASSWORD)).rejects.toMatchObject(failure('INVALID_CREDENTIALS'))
  expect((await login(email, NEW_PASSWORD)).account.id).toBe(id)
  await expect(reset(email, code, 'and yet another phrase 9')).rejects.toMatchObject(failure('CODE_INVALID'))
  await app.settle()
  expect((await app.mails())[0]).toMatchObject({ to: email, subject: 'Your password was changed' })
})

test('a wrong code, one too old, and one that another took the place of are refused alike', async () => {
  const email = 'refused@example.com'
  await addAccount(app, email)
  const first = await askFor(email)
  const refusals: unknown[] = []
  const refused = async (code: string) => {
    const body = { email, code, newPassword: NEW_PASSWORD }
    const headers = { 'x-request-id': 'the-same' }
    const { status, body: problem } = await app.rest('POST', '/api/v1/users/reset-password', {
      body,
      headers,
    })
    expect([status, (problem as { code: string }).code]).toEqual([422, 'CODE_INVALID'])
    refusals.push(problem)
  }
  await refused(otherThan(first))
  app.clock.advance(MINUTE)
  const second = await askFor(email)
  if (first !== second) await refused(first)
  app.clock.advance(10 * MINUTE)
  await refused(second)
  expect(new Set(refusals.map((each) => JSON.stringify(each))).size).toBe(1)
  await login(email, OLD_PASSWORD)
})

test('a code is good to its last millisecond', async () => {
  const email = 'in-time@example.com'
  await addAccount(app, email)
  const code = await askFor(email)
  app.clock.advance(10 * MINUTE - 1)
  await expect(reset(email, code)).resolves.toMatchObject({ endedLogins: 0 })
})

test('after five wrong guesses the right code is refused too, and the next one works', async () => {
  const email = 'guessed@example.com'
  await addAccount(app, email)
  const code = await askFor(email)
  for (let guess = 0; guess < 5; guess += 1)
    await expect(reset(email, otherThan(code))).rejects.toMatchObject(failure('CODE_INVALID'))
  await expect(reset(email, code)).rejects.toMatchObject(failure('CODE_INVALID'))
  app.clock.advance(MINUTE)
  await expect(reset(email, await askFor(email))).resolves.toMatchObject({ endedLogins: 0 })
})

test('a password with the name of the owner is refused once the code was right, which stays good', async () => {
  const email = 'named@example.com'
  await addAccount(app, email)
  const code = await askFor(email)
  const weak = { data: { code: 'WEAK_PASSWORD', errors: [{ path: 'newPassword' }] } }
  await expect(reset(email, otherThan(code), 'quite a BYRON phrase 5')).rejects.toMatchObject(
    failure('CODE_INVALID'),
  )
  await expect(reset(email, code, 'quite a BYRON phrase 5')).rejects.toMatchObject(weak)
  await expect(reset(email, code, 'password12345')).rejects.toMatchObject(weak)
  await expect(reset(email, code)).resolves.toMatchObject({ endedLogins: 0 })
})

test('the mailed link sets a new password once, within an hour', async () => {
  const email = 'linked@example.com'
  await addAccount(app, email)
  const use = (token: string) => passwords().reset.mutate({ token, newPassword: NEW_PASSWORD })
  const old = await askFor(email, 'link')
  app.clock.advance(60 * MINUTE)
  await expect(use(old)).rejects.toMatchObject(failure('RESET_EXPIRED'))
  const token = await askFor(email, 'link')
  await expect(use(old)).rejects.toMatchObject(failure('RESET_UNKNOWN'))
  await expect(
    app.client.core.organizerPasswords.reset.mutate({ token, newPassword: NEW_PASSWORD }),
  ).rejects.toMatchObject(failure('RESET_UNKNOWN'))
  app.clock.advance(60 * MINUTE - 1)
  await expect(use(token)).resolves.toMatchObject({ endedLogins: 0 })
  await expect(use(token)).rejects.toMatchObject(failure('RESET_UNKNOWN'))
  await expect(use(`${token.slice(0, -1)}x`)).rejects.toMatchObject(failure('RESET_UNKNOWN'))
})

test('a reset by mail proves the address where nothing had yet', async () => {
  const email = 'unproven@example.com'
  await addAccount(app, email, { email_verified_at: null })
  await reset(email, await askFor(email))
  const { account } = await login(email, NEW_PASSWORD)
  expect(account.emailVerifiedAt).toBe(app.clock.now().toISOString())
})

test('a code is no good any more once the password was changed, or the address', async () => {
  const actor = await app.as('user')
  const code = await askFor(actor.email)
  const change = { currentPassword: actor.password, newPassword: NEW_PASSWORD }
  await actor.client.core.accounts.changePassword.mutate(change)
  await expect(reset(actor.email, code)).rejects.toMatchObject(failure('CODE_INVALID'))
  app.clock.advance(MINUTE)
  const next = await askFor(actor.email)
  await app.db
    .as<CoreDb>()
    .transaction((trx) =>
      trx
        .updateTable('users')
        .set({ email: 'moved@example.com' })
        .where('id', '=', actor.account.id)
        .execute(),
    )
  await expect(reset(actor.email, next)).rejects.toMatchObject(failure('CODE_INVALID'))
})

test('an account that was deleted gets no code', async () => {
  const email = 'deleted@example.com'
  await addAccount(app, email, { deleted_at: app.clock.now().toISOString() })
  expect(await askFor(email)).toBe('')
})

test.each([
  [{ email: 'a@example.com', phone: '+4930123456' }, 'email'],
  [{}, 'email'],
  [{ phone: '+4930123456', by: 'link' }, 'by'],
])('a request for %j is refused at %s', async (body, path) => {
  const { status, body: problem } = await app.rest('POST', '/api/v1/users/forgot-password', { body })
  expect([status, problem]).toMatchObject([422, { code: 'INVALID_INPUT', errors: [{ path }] }])
})

test.each([
  [{ email: 'a@example.com' }, 'code'],
  [{ code: '123456' }, 'email'],
  [{ email: 'a@example.com', code: '12345' }, 'code'],
  [{ email: 'a@example.com', token: 'pls_aaaaaaaaaaaaaaaaaaaaaaa' }, 'email'],
])('a reset with %j is refused at %s', async (body, path) => {
  const { status, body: problem } = await app.rest('POST', '/api/v1/users/reset-password', {
    body: { ...body, newPassword: NEW_PASSWORD },
  })
  expect([status, problem]).toMatchObject([422, { code: 'INVALID_INPUT', errors: [{ path }] }])
})
