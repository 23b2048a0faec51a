import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ThingsServer, thingsServer } from '../../test/server.ts'

let server: ThingsServer
beforeAll(async () => {
  server = await thingsServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const form = (): FormData => {
  const data = new FormData()
  data.set('name', 'a file')
  data.set('file', new File(['twelve bytes'], 'a.txt', { type: 'text/plain' }))
  return data
}

describe('a file goes up', () => {
  test('as multipart over REST and as FormData over tRPC, with the same answer', async () => {
    const rest = await server.rest('POST', '/api/v1/things/measure', { token: 'ada', body: form() })
    expect(rest.body).toEqual({ name: 'a file', bytes: 12 })
    expect(await server.as('ada').shop.things.measure.mutate(form())).toEqual(rest.body)
  })
  test('with unknown and missing fields refused by name', async () => {
    const data = new FormData()
    data.set('file', 'not a file')
    data.set('extra', '1')
    const { status, body } = await server.rest('POST', '/api/v1/things/measure', { token: 'ada', body: data })
    expect(status).toBe(422)
    const { errors } = body as { errors: { path: string }[] }
    expect(errors.map(({ path }) => path).sort()).toEqual(['extra', 'file', 'name'])
  })
  test('with a field that is given twice refused, not one of the two taken', async () => {
    const data = form()
    data.append('name', 'another name')
    const { status, body } = await server.rest('POST', '/api/v1/things/measure', { token: 'ada', body: data })
    expect([status, (body as { errors: { path: string }[] }).errors.map(({ path }) => path)]).toEqual([
      422,
      ['name'],
    ])
  })
  test('and a broken form is malformed', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    const answer = await server.rest('POST', '/api/v1/things/measure', {
      token: 'ada',
      body: 'no boundary',
      headers,
    })
    expect(answer.body).toMatchObject({ status: 400, code: 'MALFORMED_REQUEST' })
  })
})

describe('a file comes down', () => {
  test('as bytes over REST, with a name that no header can be broken with', async () => {
    const answer = await server.rest('GET', '/api/v1/things/report?title=Sales', { token: 'ada' })
    expect([answer.status, answer.text]).toEqual([200, 'Sales for usr_ada'])
    expect(answer.headers.get('content-type')).toBe('text/plain')
    expect(answer.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''report.txt")
  })
  test('through a signed address over tRPC, which needs no token and is for whom it was made', async () => {
    const { url, expiresAt } = await server.as('ada').shop.things.report.query({ title: 'Sales' })
    expect(new Date(expiresAt).getTime() - server.clock.now().getTime()).toBe(300_000)
    expect((await server.rest('GET', url)).text).toBe('Sales for usr_ada')
  })
  test('through a signed address also where it takes no input', async () => {
    const { url } = await server.as('ada').shop.things.manual.query()
    expect((await server.rest('GET', url)).text).toBe('read me')
  })
  test('through a signed address no more often than the limit of an address allows', async () => {
    const limits = JSON.stringify({ default: { perMinute: 3, burst: 2 }, auth: { perMinute: 3, burst: 2 } })
    await using limited = await thingsServer({ PLINTH_LIMITS: limits })
    const { url } = await limited.as('ada').shop.things.report.query({ title: 'Sales' })
    const fetched = async () => (await limited.rest('GET', url)).status
    const statuses = [await fetched(), await fetched(), await fetched(), await fetched()]
    expect(statuses.at(0)).toBe(200)
    expect(statuses.at(-1)).toBe(429)
  })
  test('and not through one that was changed, or after its time', async () => {
    const { url } = await server.as('ada').shop.things.report.query({ title: 'Sales' })
    const [text, signature] = url.split('/').at(-1)?.split('.') ?? []
    const forged = Buffer.from(
      Buffer.from(text ?? '', 'base64url')
        .toString()
        .replace('usr_ada', 'usr_bob'),
    ).toString('base64url')
    expect((await server.rest('GET', `/api/v1/downloads/${forged}.${signature}`)).status).toBe(404)
    expect((await server.rest('GET', '/api/v1/downloads/nonsense')).status).toBe(404)
    server.clock.advance(300_001)
    expect((await server.rest('GET', url)).status).toBe(404)
  })
})
