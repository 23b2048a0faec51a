import { afterAll, beforeAll, expect, test } from 'vitest'
import { rows, type ThingsServer, thingsServer } from '../../test/server.ts'

let server: ThingsServer
beforeAll(async () => {
  server = await thingsServer()
})
afterAll(() => server[Symbol.asyncDispose]())

test('what the contract does not name never leaves', async () => {
  const answer = await server.rest('POST', '/api/v1/things', { token: 'ada', body: { name: 'plain' } })
  expect(Object.keys(answer.body as object).sort()).toEqual(['id', 'name', 'ownerId', 'size'])
})

test('an answer that breaks the contract is our fault: 500, nothing written, no internals told', async () => {
  const answer = await server.rest('POST', '/api/v1/things', {
    token: 'ada',
    body: { name: 'broken', fail: 'shape' },
  })
  expect(answer.body).toMatchObject({ status: 500, code: 'INTERNAL' })
  expect((await rows(server, 'things')).map(({ name }) => name)).not.toContain('broken')
  expect(
    server.logged.some((line) => JSON.stringify(line).includes('breaks its contract at \\"size\\"')),
  ).toBe(true)
})
