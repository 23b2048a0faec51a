import { testApp } from '@plinth/testing'
import { describe, expect, test } from 'vitest'
import { appWithLoginsIn, loginStores } from '../../test/login-stores.ts'

const refusal = (code: string) => ({ data: { code } })

describe.each(loginStores)('with logins in %s', (store) => {
  test('a device is recognised by its token, listed with where it was seen, renamed, and removed with its logins', async () => {
    await using app = await appWithLoginsIn(store)
    const { client, email, password } = await app.as('user')
    const { login } = app.client.core.sessions
    const phone = await login.mutate({ email, password, deviceName: 'Phone' })
    expect(phone.deviceToken).toMatch(/^pld_/)
    const again = await login.mutate({ email, password, deviceToken: phone.deviceToken ?? '' })
    expect(again.deviceToken).toBeNull()
    const { items } = await client.core.devices.list.query({})
    expect(items.find(({ name }) => name === 'Phone')?.current).toBe(false)
    expect(items.filter(({ current }) => current)).toHaveLength(1)
    const id = items.find(({ name }) => name === 'Phone')?.id ?? ''
    expect(await client.core.devices.update.mutate({ id, name: 'Old phone' })).toMatchObject({
      name: 'Old phone',
      current: false,
    })
    const stranger = await app.as('user')
    for (const attempt of [
      stranger.client.core.devices.delete.mutate({ id }),
      stranger.client.core.devices.update.mutate({ id, name: 'Mine' }),
    ])
      await expect(attempt).rejects.toMatchObject(refusal('NOT_FOUND'))
    expect(await client.core.devices.delete.mutate({ id })).toEqual({ id, endedLogins: 2 })
    const token = again.tokens?.accessToken ?? ''
    expect((await app.rest('GET', '/api/user/profile', { token })).body).toMatchObject({
      code: 'TOKEN_REVOKED',
    })
    await client.core.accounts.get.query()
    const fresh = await login.mutate({ email, password, deviceToken: phone.deviceToken ?? '' })
    expect(fresh.deviceToken).not.toBeNull()
  })

  test('a login is limited to its scopes on every request, also after a refresh', async () => {
    await using app = await appWithLoginsIn(store)
    const { email, password } = await app.as('manager')
    const { tokens } = await app.client.core.sessions.login.mutate({
      email,
      password,
      scopes: ['accounts:read', 'products:read'],
    })
    const next = await app.client.core.sessions.refresh.mutate({ refreshToken: tokens?.refreshToken })
    for (const [method, path, body, expected] of [
      ['GET', '/api/user/profile', undefined, undefined],
      ['PUT', '/api/user/profile', { name: 'Eve' }, 'SCOPE_MISSING'],
      ['POST', '/api/v1/tags', { name: 'New' }, 'SCOPE_MISSING'],
      ['POST', '/api/user/password', {}, 'SCOPE_MISSING'],
      ['GET', '/api/user/sessions', undefined, 'SCOPE_MISSING'],
    ] as const) {
      const token = next.tokens?.accessToken ?? ''
      const answer = await app.rest(method, path, { token, ...(body && { body }) })
      expect([path, (answer.body as { code?: string }).code]).toEqual([path, expected])
    }
  })

  test('beyond the most logins the oldest ends, or the new one is refused, as the settings say', async () => {
    for (const [whenFull, code, alive] of [
      ['end-oldest', undefined, [false, true, true]],
      ['refuse', 'TOO_MANY_LOGINS', [true, true]],
    ] as const) {
      await using app = await appWithLoginsIn(store, {
        env: { PLINTH_SESSIONS_MAX_PER_USER: '2', PLINTH_SESSIONS_WHEN_FULL: whenFull },
      })
      const { email, password, accessToken } = await app.as('user')
      const tokens = [accessToken]
      const codes: (string | undefined)[] = []
      for (let count = 0; count < 2; count += 1) {
        app.clock.advance(1000)
        const { body } = await app.rest('POST', '/api/v1/auth/login', { body: { email, password } })
        const { tokens: given, code: refused } = body as { tokens?: { accessToken: string }; code?: string }
        codes.push(refused)
        if (given) tokens.push(given.accessToken)
      }
      expect(codes).toEqual([undefined, code])
      const live = []
      for (const token of tokens)
        live.push((await app.rest('GET', '/api/user/profile', { token })).status === 200)
      expect([whenFull, live]).toEqual([whenFull, alive])
    }
  })

  test('however many sign in at once, no more logins are alive than there may be', async () => {
    await using app = await appWithLoginsIn(store, { env: { PLINTH_SESSIONS_MAX_PER_USER: '3' } })
    const { email, password } = await app.as('user')
    const made = await Promise.all(
      Array.from({ length: 12 }, () => app.client.core.sessions.login.mutate({ email, password })),
    )
    const statuses = await Promise.all(
      made.map(({ tokens }) => app.rest('GET', '/api/user/profile', { token: tokens?.accessToken ?? '' })),
    )
    expect(statuses.filter(({ status }) => status === 200)).toHaveLength(3)
  })

  test('a login ends for good after its time, however often it is refreshed', async () => {
    const hour = 3_600_000
    await using app = await appWithLoginsIn(store, {
      env: {
        PLINTH_SESSIONS_ABSOLUTE_MS: String(3 * hour),
        PLINTH_SESSIONS_REFRESH_TOKEN_MS: String(2 * hour),
      },
    })
    let { refreshToken } = await app.as('user')
    const { refresh } = app.client.core.sessions
    for (let count = 0; count < 2; count += 1) {
      app.clock.advance(1.25 * hour)
      const { tokens } = await refresh.mutate({ refreshToken })
      refreshToken = tokens?.refreshToken ?? ''
    }
    app.clock.advance(hour / 2)
    await expect(refresh.mutate({ refreshToken })).rejects.toMatchObject(refusal('TOKEN_EXPIRED'))
  })

  test('all own logins end at once, with or without the one that asks', async () => {
    await using app = await appWithLoginsIn(store)
    const { client, email, password } = await app.as('user')
    for (let count = 0; count < 3; count += 1)
      await app.client.core.sessions.login.mutate({ email, password })
    expect(await client.core.sessions.deleteAll.mutate({})).toMatchObject({ endedLogins: 3 })
    await client.core.accounts.get.query()
    expect(await client.core.sessions.deleteAll.mutate({ keepCurrent: false })).toMatchObject({
      endedLogins: 1,
    })
    await expect(client.core.accounts.get.query()).rejects.toMatchObject(refusal('TOKEN_REVOKED'))
  })
})

test('a sign-in from a new device is shown with the login and told by mail, and one from a known device is not', async () => {
  await using app = await testApp()
  const { client, email, password } = await app.as('user')
  const told = async () => {
    await app.settle()
    return (await app.mails()).filter(
      ({ to, subject }) => to === email && subject.startsWith('A new sign-in'),
    ).length
  }
  expect(await told()).toBe(0)
  const { deviceToken } = await app.client.core.sessions.login.mutate({
    email,
    password,
    deviceName: 'Elsewhere',
  })
  expect(await told()).toBe(1)
  await app.client.core.sessions.login.mutate({ email, password, deviceToken: deviceToken ?? '' })
  await app.client.core.sessions.login.mutate({ email, password })
  expect(await told()).toBe(1)
  const { items } = await client.core.sessions.list.query({})
  expect(items.map(({ suspicion }) => suspicion)).toEqual(
    expect.arrayContaining([['new-device'], [], [], []]),
  )
})

test('a token that is used twice ends its login and is told by mail', async () => {
  await using app = await testApp()
  const { email, refreshToken } = await app.as('user')
  await app.client.core.sessions.refresh.mutate({ refreshToken })
  await expect(app.client.core.sessions.refresh.mutate({ refreshToken })).rejects.toMatchObject(
    refusal('TOKEN_REUSED'),
  )
  await app.settle()
  expect((await app.mails()).filter(({ to }) => to === email).map(({ subject }) => subject)).toEqual([
    'A login of your account was ended',
  ])
})
