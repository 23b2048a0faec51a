import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CoreDb } from '../db.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const PASSWORD = 'correct horse battery'
const ada = (email: string) => ({ email, password: PASSWORD, name: 'Ada Byron' })

test('an account that is registered is not verified, can sign in, and shows no secret', async () => {
  const account = await app.client.core.accounts.register.mutate(ada('  Ada@Example.com '))
  expect(account).toMatchObject({
    email: 'ada@example.com',
    emailVerifiedAt: null,
    role: 'user',
    phone: null,
    locale: 'en',
    timeZone: 'UTC',
  })
  expect(JSON.stringify(account)).not.toContain('argon2')
  const { account: same } = await app.client.core.sessions.login.mutate({
    email: 'ADA@example.com',
    password: PASSWORD,
  })
  expect(same).toEqual(account)
})

test('a second account with the same email is refused, whatever its case', async () => {
  await app.client.core.accounts.register.mutate(ada('twice@example.com'))
  await expect(app.client.core.accounts.register.mutate(ada('Twice@Example.com'))).rejects.toMatchObject({
    data: { code: 'EMAIL_TAKEN', httpStatus: 409, errors: [{ path: 'email', message: 'is taken' }] },
  })
})

test('fifty registrations of one email at the same time make one account and one mail', async () => {
  const settled = await Promise.allSettled(
    Array.from({ length: 50 }, () => app.client.core.accounts.register.mutate(ada('race@example.com'))),
  )
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const each of settled)
    if (each.status === 'rejected') expect(each.reason).toMatchObject({ data: { code: 'EMAIL_TAKEN' } })
  await app.settle()
  expect((await app.mails()).filter(({ to }) => to === 'race@example.com')).toHaveLength(1)
})

test('a registration that is sent again with its key makes one account and answers the same', async () => {
  const options = { body: ada('keyed@example.com'), headers: { 'idempotency-key': 'register-1' } }
  const first = await app.rest('POST', '/api/v1/auth/register', options)
  const second = await app.rest('POST', '/api/v1/auth/register', options)
  expect(first.status).toBe(201)
  expect(second.text).toBe(first.text)
  expect(second.headers.get('idempotency-replayed')).toBe('true')
})

test.each(['password1234', 'aaaaaaaaaaaa', 'abcdefghijkl', 'weak.one-2026'])(
  'the password %s is refused',
  async (password) => {
    await expect(
      app.client.core.accounts.register.mutate({ ...ada('weak.one@example.com'), password }),
    ).rejects.toMatchObject({
      data: { code: 'WEAK_PASSWORD', httpStatus: 422, errors: [{ path: 'password' }] },
    })
  },
)

test('nobody can register with a role, an id or a verified address of their own choice', async () => {
  for (const extra of [
    { role: 'admin' },
    { emailVerifiedAt: '2026-01-01T00:00:00.000Z' },
    { createdBy: 'x' },
  ]) {
    const { status, body } = await app.rest('POST', '/api/v1/auth/register', {
      body: { ...ada('extra@example.com'), ...extra },
    })
    expect(status).toBe(422)
    expect(body).toMatchObject({ code: 'INVALID_INPUT', errors: [{ path: Object.keys(extra)[0] }] })
  }
})

test('the own profile is read and changed on every route of it, and only the fields given change', async () => {
  const { client, account, accessToken: token } = await app.as('user')
  app.clock.advance(1000)
  const changed = await client.core.accounts.update.mutate({
    phone: '+4930123456',
    timeZone: 'Europe/Berlin',
  })
  expect(changed).toEqual({
    ...account,
    phone: '+4930123456',
    timeZone: 'Europe/Berlin',
    updatedAt: app.clock.now().toISOString(),
  })
  const { body } = await app.rest('PUT', '/api/user/profile', { token, body: { phone: null, name: 'Ada' } })
  expect(body).toMatchObject({ phone: null, name: 'Ada', timeZone: 'Europe/Berlin' })
  for (const path of ['/api/user/profile', '/api/users/profile', '/api/v1/user/profile'])
    expect((await app.rest('GET', path, { token })).body).toEqual(body)
  expect(await client.core.accounts.get.query()).toEqual(body)
  const row = await app.db
    .as<CoreDb>()
    .read.selectFrom('users')
    .selectAll()
    .where('id', '=', account.id)
    .execute()
  expect(row).toMatchObject([{ created_by: 'system', updated_by: account.id }])
})

test('a profile takes no privileged or unknown field, and a bad value changes nothing', async () => {
  const { account, client, accessToken: token } = await app.as('user')
  for (const body of [
    { role: 'admin' },
    { email: 'new@example.com' },
    { nickname: 'a' },
    { phone: '123' },
    { timeZone: 'Mars' },
  ])
    expect((await app.rest('PUT', '/api/user/profile', { token, body })).status).toBe(422)
  expect(await client.core.accounts.get.query()).toEqual(account)
  expect((await app.rest('PUT', '/api/user/profile', { body: { name: 'Eve' } })).status).toBe(401)
})

test('with a new password the old one and every other login stop working, and this login goes on', async () => {
  const { client, email, password } = await app.as('user')
  const signIn = (word: string) => app.client.core.sessions.login.mutate({ email, password: word })
  const { tokens } = await signIn(password)
  const changed = await client.core.accounts.changePassword.mutate({
    currentPassword: password,
    newPassword: 'an even longer phrase 8',
  })
  expect(changed).toEqual({ changedAt: app.clock.now().toISOString(), endedLogins: 1 })
  await expect(signIn(password)).rejects.toMatchObject({ data: { code: 'INVALID_CREDENTIALS' } })
  await signIn('an even longer phrase 8')
  await client.core.accounts.get.query()
  expect(
    (await app.rest('GET', '/api/user/profile', { token: tokens?.accessToken ?? '' })).body,
  ).toMatchObject({
    code: 'TOKEN_REVOKED',
  })
  await expect(
    app.client.core.sessions.refresh.mutate({ refreshToken: tokens?.refreshToken }),
  ).rejects.toMatchObject({ data: { code: 'TOKEN_REVOKED' } })
})

test('a wrong current password changes nothing, names the field, and is written down', async () => {
  const { client, account, email, password } = await app.as('user')
  const attempt = { currentPassword: 'not the one at all', newPassword: 'an even longer phrase 8' }
  await expect(client.core.accounts.changePassword.mutate(attempt)).rejects.toMatchObject({
    data: { code: 'WRONG_PASSWORD', httpStatus: 422, errors: [{ path: 'currentPassword' }] },
  })
  await app.client.core.sessions.login.mutate({ email, password })
  const entries = await app.db.read
    .selectFrom('audit_log')
    .selectAll()
    .where('actor_id', '=', account.id)
    .where('action', '=', 'core.accounts.changePassword')
    .execute()
  expect(entries).toMatchObject([{ outcome: 'refused', code: 'WRONG_PASSWORD', target: account.id }])
})

test('a weak new password, or the current one again, is refused', async () => {
  const { client, password } = await app.as('user')
  for (const newPassword of ['christopher1', password])
    await expect(
      client.core.accounts.changePassword.mutate({ currentPassword: password, newPassword }),
    ).rejects.toMatchObject({ data: { code: 'WEAK_PASSWORD', errors: [{ path: 'newPassword' }] } })
})

test('a change of password that is sent again with its key answers the same', async () => {
  const { accessToken: token, password } = await app.as('user')
  const options = {
    token,
    body: { currentPassword: password, newPassword: 'an even longer phrase 8' },
    headers: { 'idempotency-key': 'change-1' },
  }
  const first = await app.rest('POST', '/api/user/password', options)
  expect(first.status).toBe(200)
  expect((await app.rest('POST', '/api/user/password', options)).text).toBe(first.text)
})

test('of ten changes of one password at the same time, one is made', async () => {
  const { client, email, password } = await app.as('user')
  const words = Array.from({ length: 10 }, (_, index) => `quite another phrase ${index}`)
  const settled = await Promise.allSettled(
    words.map((newPassword) =>
      client.core.accounts.changePassword.mutate({ currentPassword: password, newPassword }),
    ),
  )
  const done = settled.flatMap(({ status }, index) => (status === 'fulfilled' ? [words[index] ?? ''] : []))
  expect(done).toHaveLength(1)
  await app.client.core.sessions.login.mutate({ email, password: done[0] ?? '' })
})
