import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app[Symbol.asyncDispose]())

test.each([
  '/api/v1/products',
  '/trpc/commerce.products.list',
  '/docs',
  '/docs/errors',
  '/verify-email',
  '/nowhere',
])('a page of %s loads nothing from elsewhere, embeds no plugin and can not move its base', async (path) => {
  const policy = (await app.rest('GET', path)).headers.get('content-security-policy') ?? ''
  const directives = policy.split('; ')
  for (const each of ["default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
    expect(directives).toContain(each)
  const sources = directives.flatMap((directive) => directive.split(' ').slice(1))
  expect(sources.filter((source) => !/^('[\w-]+'|data:|blob:)$/.test(source))).toEqual([])
})

test('TRACE, which would show headers to scripts, is answered nowhere', async () => {
  for (const path of ['/', '/api/v1/products', '/health']) {
    const asking = request(app.url + path, {
      method: 'TRACE',
      headers: { cookie: 'plinth_access=secret' },
    }).end()
    const [answer] = (await once(asking, 'response')) as [IncomingMessage]
    let text = ''
    for await (const chunk of answer) text += String(chunk)
    expect([path, answer.statusCode]).toEqual([path, 405])
    expect(text).not.toContain('secret')
  }
})
