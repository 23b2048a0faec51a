import { newId } from '@plinth/kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ThingsServer, thingsServer } from '../../test/server.ts'

const ORIGIN = 'https://shop.example.com'

let server: ThingsServer
beforeAll(async () => {
  server = await thingsServer({ PLINTH_ORIGINS: ORIGIN })
})
afterAll(() => server[Symbol.asyncDispose]())

const status = async (method: string, path: string, token?: string, headers = {}, body?: unknown) => {
  const answer = await server.rest(method, path, { ...(token !== undefined && { token }), headers, body })
  return [answer.status, (answer.body as { code?: string } | undefined)?.code]
}
const someId = newId('prd', new Date())

describe('who may call is decided by the contract alone', () => {
  test('without a credential only what is public answers', async () => {
    expect(await status('GET', '/api/v1/things')).toEqual([200, undefined])
    expect(await status('GET', '/api/v1/things/mine')).toEqual([401, 'NOT_SIGNED_IN'])
  })
  test('a wrong bearer token is told what is wrong with it, even where anybody may call', async () => {
    expect(await status('GET', '/api/v1/things', 'forged')).toEqual([401, 'TOKEN_UNKNOWN'])
    expect(await status('GET', '/api/v1/things/mine', 'old')).toEqual([401, 'TOKEN_EXPIRED'])
    expect(await status('GET', '/api/v1/things/mine', undefined, { authorization: 'Basic YQ==' })).toEqual([
      401,
      'TOKEN_UNKNOWN',
    ])
  })
  test('a token of another portal is refused', async () => {
    expect(await status('GET', '/api/v1/things/mine', 'orga')).toEqual([401, 'TOKEN_WRONG_AUDIENCE'])
  })
  test('a permission is asked for before the input is looked at', async () => {
    expect(await status('POST', `/api/v1/things/${someId}/rename`, 'ada', {}, { bad: 1 })).toEqual([
      403,
      'FORBIDDEN',
    ])
  })
})

test("somebody else's record and an absent one get the same answer, byte for byte", async () => {
  const made = await server.as('ada').shop.things.create.mutate({ name: 'of ada' })
  const headers = { 'x-request-id': 'the-same-request' }
  const foreign = await server.rest('GET', `/api/v1/things/${made.id}`, { token: 'bob', headers })
  const absent = await server.rest('GET', `/api/v1/things/${someId}`, { token: 'bob', headers })
  expect([foreign.status, absent.status]).toEqual([404, 404])
  expect(foreign.text).toBe(absent.text)
  expect((await server.rest('GET', `/api/v1/things/${made.id}`, { token: 'ada' })).status).toBe(200)
  expect((await server.rest('GET', `/api/v1/things/${made.id}`, { token: 'max' })).status).toBe(200)
})

describe('a cookie may write only from a page of ours', () => {
  const write = (headers: Record<string, string>) =>
    status(
      'POST',
      '/api/v1/things',
      undefined,
      { cookie: 'plinth_access=ada', ...headers },
      { name: `n${Math.random()}`.slice(0, 20) },
    )
  test('no origin, or a foreign one, is refused', async () => {
    expect(await write({})).toEqual([403, 'ORIGIN_NOT_ALLOWED'])
    expect(await write({ origin: 'https://evil.example' })).toEqual([403, 'ORIGIN_NOT_ALLOWED'])
    expect(await write({ origin: 'null' })).toEqual([403, 'ORIGIN_NOT_ALLOWED'])
  })
  test('the own origin and those of the configuration may', async () => {
    expect(await write({ origin: server.url })).toEqual([201, undefined])
    expect(await write({ origin: ORIGIN })).toEqual([201, undefined])
  })
  test('reading needs none, and a stale cookie does not spoil what is public', async () => {
    expect(await status('GET', '/api/v1/things/mine', undefined, { cookie: 'plinth_access=ada' })).toEqual([
      200,
      undefined,
    ])
    expect(await status('GET', '/api/v1/things', undefined, { cookie: 'plinth_access=old' })).toEqual([
      200,
      undefined,
    ])
  })
})
