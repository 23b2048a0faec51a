import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

let app: TestApp
let owner: TestActor
beforeAll(async () => {
  app = await testApp()
  owner = await app.as('manager')
})
afterAll(() => app[Symbol.asyncDispose]())

const login = (scopes: readonly string[]) => ({ email: owner.email, password: owner.password, scopes })

test('a scope that no operation has is refused by its place in the list, over REST and tRPC', async () => {
  const body = login(['tags:write', 'rockets:read'])
  const rest = await app.rest('POST', '/api/v1/auth/login', { body })
  expect(rest.status).toBe(422)
  expect(rest.body).toMatchObject({ code: 'INVALID_INPUT', errors: [{ path: 'scopes.1' }] })
  await expect(
    app.client.core.sessions.login.mutate({ ...body, scopes: [...body.scopes] }),
  ).rejects.toMatchObject({
    data: { code: 'INVALID_INPUT', httpStatus: 422, errors: [{ path: 'scopes.1' }] },
  })
})

test('a login with scopes carries them, also after it is renewed, and is refused elsewhere', async () => {
  const { loginId, tokens } = await app.client.core.sessions.login.mutate({
    ...login([]),
    scopes: ['tags:write'],
  })
  const renewed = await app.client.core.sessions.refresh.mutate({ refreshToken: tokens?.refreshToken })
  const token = renewed.tokens?.accessToken ?? ''
  const listed = (await owner.client.core.sessions.list.query({})).items.find(({ id }) => id === loginId)
  expect(listed?.scopes).toEqual(['tags:write'])
  const client = app.clientWith({ authorization: `Bearer ${token}` })
  expect(await client.commerce.tags.create.mutate({ name: 'Limited' })).toMatchObject({ name: 'Limited' })
  const refusal = { code: 'SCOPE_MISSING' }
  expect(await app.rest('GET', '/api/v1/user/profile', { token })).toMatchObject({
    status: 403,
    body: refusal,
  })
  await expect(client.core.accounts.get.query()).rejects.toMatchObject({
    data: { ...refusal, httpStatus: 403 },
  })
  expect(await app.rest('POST', '/api/v1/auth/logout', { token })).toMatchObject({
    status: 403,
    body: refusal,
  })
})
