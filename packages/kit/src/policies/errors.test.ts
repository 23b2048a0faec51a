import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ThingsServer, thingsServer } from '../../test/server.ts'

let server: ThingsServer
beforeAll(async () => {
  server = await thingsServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const create = (body: unknown) =>
  server.rest('POST', '/api/v1/things', { token: 'ada', body, headers: { 'x-request-id': 'request-1234' } })

test('a declared error has its own code, status and sentence, and the request id', async () => {
  expect((await create({ name: 'x', fail: 'before' })).body).toEqual({
    type: '/docs/errors#REFUSED',
    title: 'Conflict',
    status: 409,
    detail: 'It was refused.',
    code: 'REFUSED',
    requestId: 'request-1234',
  })
})

test('over tRPC the same fields stand under error.data', async () => {
  const error = await server
    .as('ada', { 'x-request-id': 'request-1234' })
    .shop.things.create.mutate({ name: 'x', fail: 'before' })
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    message: 'It was refused.',
    data: { code: 'REFUSED', httpStatus: 409, requestId: 'request-1234', path: 'shop.things.create' },
  })
})

test('a crash is 500 without a word of what crashed, which the log has with the request id', async () => {
  const answer = await create({ name: 'x', fail: 'crash' })
  expect(answer.status).toBe(500)
  expect(answer.text).not.toContain('secret of ours')
  expect(server.logged.find((line) => line.msg === 'procedure failed')).toMatchObject({
    requestId: 'request-1234',
    procedure: 'shop.things.create',
    err: { message: 'a secret of ours' },
  })
})

test('a unique value that is taken is told by the code of the contract and the name of the field', async () => {
  await create({ name: 'taken' })
  expect((await create({ name: 'taken' })).body).toMatchObject({
    status: 409,
    code: 'NAME_TAKEN',
    errors: [{ path: 'name', message: 'is taken' }],
  })
})

test('a unique value that is taken has the common code where the procedure declares none of its own', async () => {
  const { body } = await create({ name: 'renamed' })
  await create({ name: 'in the way' })
  const { id } = body as { id: string }
  const answer = await server.rest('POST', `/api/v1/things/${id}/rename`, {
    token: 'max',
    body: { name: 'in the way' },
  })
  expect(answer.body).toMatchObject({ status: 409, code: 'VALUE_TAKEN', errors: [{ path: 'name' }] })
})

test('an unknown route and an unknown procedure are 404 with a code of their own', async () => {
  expect((await server.rest('GET', '/api/v1/nowhere')).body).toMatchObject({
    status: 404,
    code: 'ROUTE_NOT_FOUND',
  })
  const trpc = await server.rest('GET', '/trpc/shop.things.nowhere')
  expect(trpc.body).toMatchObject({ error: { data: { code: 'ROUTE_NOT_FOUND', httpStatus: 404 } } })
})

test('a known route with another method is 405 and names those that it answers', async () => {
  const answer = await server.rest('PATCH', '/api/v1/things')
  expect(answer.body).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' })
  expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST'])
})
