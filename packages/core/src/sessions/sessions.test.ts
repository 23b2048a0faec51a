import type { TestApp } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appWithLoginsIn, loginStores } from '../../test/login-stores.ts'
import { createPasswords } from '../accounts/passwords.ts'
import type { CoreDb } from '../db.ts'

const DAY = 24 * 3_600_000

describe.each(loginStores)('with logins in %s', (store) => {
  let app: TestApp
  beforeAll(async () => {
    app = await appWithLoginsIn(store)
  })
  afterAll(() => app[Symbol.asyncDispose]())

  const profile = (token: string) => app.rest('GET', '/api/user/profile', { token })

  test('a login answers tokens for fifteen minutes and thirty days, and the account', async () => {
    const { email, password, account } = await app.as('user')
    const { tokens, ...signedIn } = await app.client.core.sessions.login.mutate({ email, password })
    expect(signedIn.account).toEqual(account)
    expect(signedIn.loginId).toMatch(/^lgn_/)
    const now = app.clock.now().getTime()
    expect(Date.parse(tokens?.accessTokenExpiresAt ?? '')).toBe(now + 15 * 60_000)
    expect(Date.parse(tokens?.refreshTokenExpiresAt ?? '')).toBe(now + 30 * DAY)
    expect((await profile(tokens?.accessToken ?? '')).body).toEqual(account)
  })

  test('a wrong password and an unknown email are answered with the same bytes', async () => {
    const { email } = await app.as('user')
    const attempt = (address: string) =>
      app.rest('POST', '/api/v1/auth/login', {
        body: { email: address, password: 'not the password' },
        headers: { 'x-request-id': 'the-same-request' },
      })
    const [wrong, unknown] = [await attempt(email), await attempt('nobody@example.com')]
    expect(wrong.status).toBe(401)
    expect(wrong.body).toMatchObject({ code: 'INVALID_CREDENTIALS' })
    expect(unknown.text).toBe(wrong.text)
  })

  test('refused logins are written down with the account that was meant, where there is one', async () => {
    const { email, account } = await app.as('user')
    for (const address of [email, 'nobody@example.com'])
      await expect(
        app
          .clientWith({ 'user-agent': 'refused' })
          .core.sessions.login.mutate({ email: address, password: 'no' }),
      ).rejects.toThrow()
    const entries = await app.db.read
      .selectFrom('audit_log')
      .selectAll()
      .where('user_agent', '=', 'refused')
      .orderBy('id')
      .execute()
    const entry = { action: 'core.sessions.login', outcome: 'refused', code: 'INVALID_CREDENTIALS' }
    expect(entries).toMatchObject([
      { ...entry, actor_id: account.id, target: account.id },
      { ...entry, actor_id: null, target: null },
    ])
  })

  test('a hash made at another cost is renewed when its password is given, and only then', async () => {
    const { email, password, account } = await app.as('user')
    const db = app.db.as<CoreDb>()
    const stored = async () =>
      (
        await db.read
          .selectFrom('users')
          .select('password_hash')
          .where('id', '=', account.id)
          .executeTakeFirstOrThrow()
      ).password_hash
    const before = await stored()
    await app.client.core.sessions.login.mutate({ email, password })
    expect(await stored()).toBe(before)
    const old = await createPasswords({ memoryCost: 32, timeCost: 1, parallelism: 1 }).hash(password)
    await db.transaction((trx) =>
      trx.updateTable('users').set({ password_hash: old }).where('id', '=', account.id).execute(),
    )
    await expect(app.client.core.sessions.login.mutate({ email, password: 'no' })).rejects.toThrow()
    expect(await stored()).toBe(old)
    await app.client.core.sessions.login.mutate({ email, password })
    expect(await stored()).toContain('m=64')
    await app.client.core.sessions.login.mutate({ email, password })
  })

  test('the own logins are listed newest first, page by page, with where they were made', async () => {
    const { client, email, password } = await app.as('user')
    for (let index = 0; index < 4; index++) {
      app.clock.advance(1000)
      await app
        .clientWith({ 'user-agent': `device ${index}` })
        .core.sessions.login.mutate({ email, password })
    }
    const first = await client.core.sessions.list.query({ limit: 3 })
    const second = await client.core.sessions.list.query({ limit: 3, cursor: first.nextCursor ?? '' })
    expect(second.nextCursor).toBeNull()
    const all = [...first.items, ...second.items]
    expect(all.map(({ userAgent }) => userAgent).slice(0, 4)).toEqual([
      'device 3',
      'device 2',
      'device 1',
      'device 0',
    ])
    expect(all.map(({ current }) => current)).toEqual([false, false, false, false, true])
    expect(all[0]?.address).toMatch(/127\.0\.0\.1|::1/)
    const { status } = await app.rest('GET', '/api/user/sessions?cursor=bad', {
      token: (await app.as('user')).accessToken,
    })
    expect(status).toBe(422)
  })

  test('a login that is ended from another one is gone, and its tokens are revoked', async () => {
    const { client, email, password } = await app.as('user')
    const { loginId, tokens } = await app.client.core.sessions.login.mutate({ email, password })
    const ended = await client.core.sessions.delete.mutate({ id: loginId })
    expect(ended).toEqual({ loginId, endedAt: app.clock.now().toISOString() })
    expect((await client.core.sessions.list.query({})).items.map(({ id }) => id)).not.toContain(loginId)
    expect((await profile(tokens?.accessToken ?? '')).body).toMatchObject({ code: 'TOKEN_REVOKED' })
    await expect(
      app.client.core.sessions.refresh.mutate({ refreshToken: tokens?.refreshToken }),
    ).rejects.toMatchObject({ data: { code: 'TOKEN_REVOKED' } })
    await expect(client.core.sessions.delete.mutate({ id: loginId })).rejects.toMatchObject({
      data: { code: 'NOT_FOUND' },
    })
  })

  test("somebody else's login is answered with the same bytes as one that does not exist", async () => {
    const [mine, theirs] = [await app.as('user'), await app.as('user')]
    const [login] = (await theirs.client.core.sessions.list.query({})).items
    const end = (id: string) =>
      app.rest('DELETE', `/api/v1/user/sessions/${id}`, {
        token: mine.accessToken,
        headers: { 'x-request-id': 'the-same-request' },
      })
    const [foreign, absent] = [await end(login?.id ?? ''), await end('lgn_01jd7m3x5sfa9v8k2cq4w6y8ze')]
    expect(foreign.status).toBe(404)
    expect(foreign.text).toBe(absent.text)
    await theirs.client.core.accounts.get.query()
  })

  test('after a logout neither token of the login works, and other logins go on', async () => {
    const { client, accessToken, refreshToken, email, password } = await app.as('user')
    const other = await app.client.core.sessions.login.mutate({ email, password })
    await client.core.sessions.logout.mutate()
    expect((await profile(accessToken)).body).toMatchObject({ code: 'TOKEN_REVOKED' })
    await expect(app.client.core.sessions.refresh.mutate({ refreshToken })).rejects.toMatchObject({
      data: { code: 'TOKEN_REVOKED' },
    })
    expect((await profile(other.tokens?.accessToken ?? '')).status).toBe(200)
  })
})
