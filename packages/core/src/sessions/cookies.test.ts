import { type TestApp, testApp } from '@plinth/testing'
import { expect, test } from 'vitest'

interface Problem {
  readonly code: string
}

const signIn = async (app: TestApp) => {
  const { email, password } = await app.as('user')
  const answer = await app.rest('POST', '/api/v1/auth/login', {
    body: { email, password, transport: 'cookie' },
  })
  const set = answer.headers.getSetCookie()
  return { answer, set, cookie: set.map((each) => each.split(';')[0]).join('; ') }
}

test('tokens by cookie are HttpOnly and not in the answer', async () => {
  await using app = await testApp()
  const { answer, set } = await signIn(app)
  expect(answer.body).toMatchObject({ tokens: null })
  expect(answer.text).not.toMatch(/pl[ar]_/)
  expect(set.map((each) => each.split('=')[0])).toEqual(['plinth_access', 'plinth_refresh', 'plinth_device'])
  for (const each of set) {
    expect(each).toContain('HttpOnly')
    expect(each).toContain('SameSite=Lax')
    expect(each).toContain('Path=/')
  }
})

test('with cookies a page of another origin can neither write nor refresh, and the own page can', async () => {
  await using app = await testApp()
  const { cookie } = await signIn(app)
  expect((await app.rest('GET', '/api/user/profile', { headers: { cookie } })).status).toBe(200)
  for (const [method, path] of [
    ['PUT', '/api/user/profile'],
    ['POST', '/api/v1/auth/refresh'],
  ] as const) {
    for (const headers of [{ cookie }, { cookie, origin: 'https://evil.example' }]) {
      const { status, body } = await app.rest(method, path, { headers, body: {} })
      expect([status, (body as Problem).code]).toEqual([403, 'ORIGIN_NOT_ALLOWED'])
    }
  }
  const [, refreshAlone = ''] = cookie.split('; ')
  const unchecked = await app.rest('POST', '/api/v1/auth/refresh', {
    headers: { cookie: refreshAlone },
    body: {},
  })
  expect(unchecked.body).toMatchObject({ code: 'NOT_SIGNED_IN' })
  const own = { cookie, origin: app.url }
  expect((await app.rest('PUT', '/api/user/profile', { headers: own, body: { name: 'Ada' } })).status).toBe(
    200,
  )
})

test('a refresh by cookie sets new cookies, also when the access token has expired', async () => {
  await using app = await testApp()
  const { cookie } = await signIn(app)
  app.clock.advance(16 * 60_000)
  const stale = await app.rest('GET', '/api/user/profile', { headers: { cookie } })
  expect(stale.body).toMatchObject({ code: 'TOKEN_EXPIRED' })
  const refreshed = await app.rest('POST', '/api/v1/auth/refresh', {
    headers: { cookie, origin: app.url },
    body: {},
  })
  expect(refreshed.body).toMatchObject({ tokens: null })
  const renewed = refreshed.headers.getSetCookie().map((each) => each.split(';')[0])
  const { status } = await app.rest('GET', '/api/user/profile', { headers: { cookie: renewed.join('; ') } })
  expect(status).toBe(200)
})

test('a logout removes the cookies, and leaves callers without any alone', async () => {
  await using app = await testApp()
  const { cookie } = await signIn(app)
  const out = await app.rest('POST', '/api/v1/auth/logout', { headers: { cookie, origin: app.url } })
  expect(out.status).toBe(200)
  expect(out.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^plinth_access=;.*1970/),
    expect.stringMatching(/^plinth_refresh=;.*1970/),
  ])
  const { accessToken: token } = await app.as('user')
  const bearer = await app.rest('POST', '/api/v1/auth/logout', { token })
  expect(bearer.headers.getSetCookie()).toEqual([])
})
