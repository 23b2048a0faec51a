import { contract, routesOf, walk } from '@plinth/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../test-app.ts'
import { type Document, readDocument } from './document.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const PREFIXES = ['/api/v1', '/api']

let app: TestApp
let document: Document
beforeAll(async () => {
  app = await testApp()
  document = await readDocument(app)
})
afterAll(() => app[Symbol.asyncDispose]())

const filled = (path: string): string => path.replace(/\{\w+\}/g, 'x')

const methodsByPath = () => Map.groupBy(document.operations, ({ path }) => path)

test('the document has every route of the contract, and no other', () => {
  const served = [...walk(contract)].flatMap(([name, procedure]) =>
    routesOf(name, procedure).map(({ method, path }) => `${method} ${path}`),
  )
  expect(document.operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(served.sort())
  expect(new Set(document.operations.map(({ operationId }) => operationId)).size).toBe(
    document.operations.length,
  )
})

test('every route of the document answers, under both prefixes, with and without a trailing slash', async () => {
  for (const { method, path, ...operation } of document.operations)
    for (const prefix of PREFIXES)
      for (const slash of ['', '/']) {
        const { status, body } = await app.rest(method, `${prefix}${filled(path)}${slash}`)
        expect(operation.responses, `${method} ${prefix}${path}${slash}`).toHaveProperty(String(status))
        expect(body).not.toMatchObject({ code: expect.stringMatching(/ROUTE_NOT_FOUND|METHOD_NOT_ALLOWED/) })
      }
})

test('every path refuses the methods that it does not have, and names those that it has', async () => {
  for (const [path, operations] of methodsByPath()) {
    const methods = operations.map(({ method }) => method)
    const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS']
    const others = [...METHODS, ...(methods.includes('GET') ? [] : ['HEAD'])].filter(
      (method) => !methods.includes(method),
    )
    for (const prefix of PREFIXES)
      for (const method of others) {
        const { status, headers, body } = await app.rest(method, prefix + filled(path))
        expect(status, `${method} ${path}`).toBe(405)
        expect(headers.get('allow')?.split(', ').sort()).toEqual(allowed.toSorted())
        if (method !== 'HEAD')
          expect(body).toMatchObject({ code: 'METHOD_NOT_ALLOWED', requestId: headers.get('x-request-id') })
      }
  }
})

test('every path answers OPTIONS', async () => {
  for (const path of methodsByPath().keys())
    for (const prefix of PREFIXES) {
      const { status, headers } = await app.rest('OPTIONS', prefix + filled(path))
      expect(status).toBe(204)
      expect(headers.get('access-control-allow-methods')?.split(', ')).toEqual(METHODS)
    }
})

test('an unknown route is 404 with its own code, on both wires', async () => {
  for (const path of [
    '/api/v1/nowhere',
    '/api/nowhere',
    '/nowhere',
    '/api/v1/products/x/nowhere',
    '/api/v1',
  ]) {
    const { body, headers } = await app.rest('GET', path)
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(body, path).toMatchObject({
      status: 404,
      code: 'ROUTE_NOT_FOUND',
      requestId: headers.get('x-request-id'),
    })
  }
  const { body } = await app.rest('GET', '/trpc/nowhere.at.all')
  expect(body).toMatchObject({ error: { data: { code: 'ROUTE_NOT_FOUND', httpStatus: 404 } } })
})
