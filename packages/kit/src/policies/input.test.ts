import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ThingsServer, thingsServer } from '../../test/server.ts'

let server: ThingsServer
beforeAll(async () => {
  server = await thingsServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const create = (body: unknown, headers = {}) =>
  server.rest('POST', '/api/v1/things', { token: 'ada', body, headers })
const codeOf = (answer: { status: number; body: unknown }) => [
  answer.status,
  (answer.body as { code: string }).code,
]

test('all errors are told at once, each by the path of its field, unknown fields among them', async () => {
  const answer = await create({ name: '', size: '3', admin: true })
  expect(answer.status).toBe(422)
  const { errors } = answer.body as { errors: { path: string; message: string }[] }
  expect(errors.map(({ path }) => path).sort()).toEqual(['admin', 'name', 'size'])
  expect(errors.every(({ message }) => message.length > 0)).toBe(true)
})

test('malformed JSON is 400, another content type 415, no body 422', async () => {
  expect(codeOf(await create('{"name":', { 'content-type': 'application/json' }))).toEqual([
    400,
    'MALFORMED_REQUEST',
  ])
  expect(codeOf(await create('name=a', { 'content-type': 'application/x-www-form-urlencoded' }))).toEqual([
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ])
  expect(codeOf(await create('{}', { 'content-type': 'application/json; charset=utf-16' }))[0]).toBe(415)
  expect((await create('{"name":"utf"}', { 'content-type': 'application/json; charset=UTF-8' })).status).toBe(
    201,
  )
  expect(codeOf(await create(undefined))).toEqual([422, 'INVALID_INPUT'])
  for (const body of [[], 'text', null, 7])
    expect((await create(JSON.stringify(body), { 'content-type': 'application/json' })).status).toBe(422)
})

test('a body over the bound is 413, whether its length is declared or not', async () => {
  const big = JSON.stringify({ name: 'x'.repeat(2_000_000) })
  expect(codeOf(await create(big, { 'content-type': 'application/json' }))).toEqual([413, 'TOO_LARGE'])
  const stream = new ReadableStream({
    start(controller) {
      for (let index = 0; index < 40; index++) controller.enqueue(new Uint8Array(64 * 1024))
      controller.close()
    },
  })
  const request = {
    method: 'POST',
    body: stream,
    duplex: 'half',
    headers: { authorization: 'Bearer ada', 'content-type': 'application/json' },
  }
  const answer = await fetch(`${server.url}/api/v1/things`, request as RequestInit)
  expect(answer.status).toBe(413)
})

test('a prototype can not be reached through input', async () => {
  const answer = await create('{"name":"a","__proto__":{"size":9}}', { 'content-type': 'application/json' })
  expect(answer.status).toBe(422)
  const query = await server.rest('GET', '/api/v1/things?__proto__[x]=1&constructor=2')
  expect(query.status).toBe(422)
})

test('query text becomes what the schema means, and what it can not become is refused by name', async () => {
  await server.as('ada').shop.things.create.mutate({ name: 'one', size: 5 })
  await server.as('ada').shop.things.create.mutate({ name: 'two', size: 50 })
  const names = async (query: string) => {
    const { body } = await server.rest('GET', `/api/v1/things?${query}`)
    return (body as { items: { name: string }[] }).items.map(({ name }) => name)
  }
  expect(await names('size[gte]=10&limit=5&sort=name,-name&big=true')).toEqual(['two'])
  expect(await names('names=one&names=two')).toEqual(['one', 'two'])
  const wrong = await server.rest(
    'GET',
    '/api/v1/things?limit=many&size[above]=3&big=maybe&color=red&limit[x]=1',
  )
  const { errors } = wrong.body as { errors: { path: string }[] }
  expect(errors.map(({ path }) => path)).toEqual(expect.arrayContaining(['size.above', 'big', 'color']))
})

test('an id in the body that differs from the path is refused, not passed over', async () => {
  const { id } = await server.as('ada').shop.things.create.mutate({ name: 'mine' })
  const answer = await server.rest('POST', `/api/v1/things/${id}/rename`, {
    token: 'max',
    body: { id: 'other', name: 'x' },
  })
  expect(answer.body).toMatchObject({ status: 422, errors: [{ path: 'id' }] })
})
