import { once } from 'node:events'
import { request } from 'node:http'
import type { TestActor, TestApp } from '@plinth/testing'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { ask, guardedApp, welcome } from '../../test/guard.ts'

let app: TestApp
let admin: TestActor
beforeEach(async () => {
  app = await guardedApp()
  admin = await app.as('admin')
  onTestFinished(() => app[Symbol.asyncDispose]())
})

interface Rule {
  readonly effect: 'allow' | 'deny'
  readonly range: string
  readonly routes?: string
  readonly expiresAt?: string
}

const rule = async (given: Rule): Promise<string> => {
  const { id } = await admin.client.core.addressRules.create.mutate({ reason: 'A test', ...given })
  await app.settle()
  return id
}

/** What a path is answered whose letters no client would send as they are. */
const rawStatus = async (address: string, path: string): Promise<number> => {
  const { port } = new URL(app.url)
  const sent = request({ host: '127.0.0.1', port, path, headers: { 'x-forwarded-for': address } }).end()
  const [answer] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }]
  answer.resume()
  return answer.statusCode
}

describe('a deny-list', () => {
  test('keeps out a range everywhere, and nobody beside it', async () => {
    const id = await rule({ effect: 'deny', range: '203.0.113.0/25' })
    expect(await welcome(app, '203.0.113.0')).toBe('403 ADDRESS_BLOCKED')
    expect(await welcome(app, '203.0.113.127')).toBe('403 ADDRESS_BLOCKED')
    expect(await welcome(app, '::ffff:203.0.113.7')).toBe('403 ADDRESS_BLOCKED')
    expect(await welcome(app, '203.0.113.128')).toBe('200')
    expect((await ask(app, '203.0.113.7', '/docs')).status).toBe(403)
    expect((await ask(app, '203.0.113.7', '/health')).status).toBe(200)
    await admin.client.core.addressRules.delete.mutate({ id })
    await app.settle()
    expect(await welcome(app, '203.0.113.7')).toBe('200')
  })

  test('knows ranges of IPv6 however an address is written', async () => {
    await rule({ effect: 'deny', range: '2001:db8:a::/47' })
    expect(await welcome(app, '2001:db8:b::1')).toBe('403 ADDRESS_BLOCKED')
    expect(await welcome(app, '2001:0DB8:000a:0:0:0:0:1')).toBe('403 ADDRESS_BLOCKED')
    expect(await welcome(app, '2001:db8:c::1')).toBe('200')
  })

  test('ends when its time is over', async () => {
    const expiresAt = new Date(app.clock.now().getTime() + 60_000).toISOString()
    await rule({ effect: 'deny', range: '203.0.113.7', expiresAt })
    expect(await welcome(app, '203.0.113.7')).toBe('403 ADDRESS_BLOCKED')
    app.clock.advance(60_000)
    expect(await welcome(app, '203.0.113.7')).toBe('200')
  })

  test('wins over an allow-list that names the same address', async () => {
    await rule({ effect: 'allow', range: '203.0.113.0/24', routes: 'commerce.products' })
    await rule({ effect: 'deny', range: '203.0.113.7', routes: 'commerce.products' })
    expect(await welcome(app, '203.0.113.8')).toBe('200')
    expect(await welcome(app, '203.0.113.7')).toBe('403 ADDRESS_BLOCKED')
  })
})

describe('an allow-list of procedures', () => {
  test('lets in only who is named, over every wire, and leaves all other procedures to everybody', async () => {
    await rule({ effect: 'allow', range: '203.0.113.0/24', routes: 'commerce.products' })
    const codeOf = async (address: string, path: string) => {
      const { status, text } = await ask(app, address, path)
      return [status, /"code":"(\w+)"/.exec(text)?.[1]]
    }
    const paths = [
      '/api/v1/products',
      '/api/products',
      '/api/v1/products/',
      '/trpc/commerce.products.list?input=%7B%7D',
      '/trpc/commerce.products.list?batch=1&input=%7B%220%22%3A%7B%7D%7D',
    ]
    for (const path of paths) {
      expect(await codeOf('198.51.100.7', path), path).toEqual([403, 'ADDRESS_BLOCKED'])
      expect((await codeOf('203.0.113.7', path))[0], path).toBe(200)
    }
    expect((await codeOf('198.51.100.7', '/api/v1/tags'))[0]).toBe(200)
    const batch =
      '/trpc/commerce.tags.list,commerce.products.list?batch=1&input=%7B%220%22%3A%7B%7D%2C%221%22%3A%7B%7D%7D'
    expect(await codeOf('198.51.100.7', batch)).toEqual([207, 'ADDRESS_BLOCKED'])
  })

  test('is asked before anything else: a stranger does not learn whether a token is good', async () => {
    await rule({ effect: 'allow', range: '203.0.113.0/24', routes: 'core.jobs' })
    const headers = { authorization: `Bearer ${admin.accessToken}` }
    const ofStranger = await ask(app, '198.51.100.7', '/api/v1/jobs', { headers })
    const ofNobody = await ask(app, '198.51.100.7', '/api/v1/jobs')
    expect([ofStranger.status, ofNobody.status]).toEqual([403, 403])
    expect((await ask(app, '203.0.113.7', '/api/v1/jobs', { headers })).status).toBe(200)
    expect((await ask(app, '203.0.113.7', '/api/v1/jobs')).status).toBe(401)
  })

  test('reaches a single procedure and not one whose name begins alike', async () => {
    await rule({ effect: 'allow', range: '203.0.113.0/24', routes: 'commerce.products.list' })
    expect(await welcome(app, '198.51.100.7')).toBe('403 ADDRESS_BLOCKED')
    expect((await ask(app, '198.51.100.7', '/api/v1/products/search?q=x')).status).not.toBe(403)
  })
})

describe('an allow-list of paths', () => {
  test('can not be walked around by another spelling of the path', async () => {
    await rule({ effect: 'allow', range: '203.0.113.0/24', routes: '/metrics' })
    const { port } = new URL(app.url)
    const spellings = [
      '/metrics',
      '/metrics/',
      '/metrics?a=b',
      '/%6detrics',
      '/m%65trics/',
      '/x/../metrics',
      '/./metrics',
      `http://127.0.0.1:${port}/metrics`,
    ]
    for (const path of spellings) expect([403, 404], path).toContain(await rawStatus('198.51.100.7', path))
    expect(await rawStatus('203.0.113.7', '/metrics')).toBe(200)
    expect(await rawStatus('198.51.100.7', '/docs')).toBe(200)
  })
})

describe('nobody locks themselves out', () => {
  const mine = async (body: object) => {
    const headers = { authorization: `Bearer ${admin.accessToken}` }
    return ask(app, '203.0.113.7', '/api/v1/address-rules', { method: 'POST', headers, body })
  }
  test.each([
    { effect: 'deny', range: '203.0.113.0/24' },
    { effect: 'allow', range: '198.51.100.0/24' },
    { effect: 'allow', range: '198.51.100.0/24', routes: 'core' },
    { effect: 'deny', range: '203.0.113.7', routes: 'core.addressRules.delete' },
  ])('by %j', async (given) => {
    const answer = await mine({ reason: 'Oops', ...given })
    expect(answer.status).toBe(409)
    expect(answer.body).toMatchObject({ code: 'LOCKS_YOU_OUT' })
  })

  test('by taking away the rule that they come in by', async () => {
    const made = await mine({ effect: 'allow', range: '203.0.113.0/24', reason: 'Us', routes: 'core' })
    expect(made.status).toBe(201)
    await mine({ effect: 'allow', range: '198.51.100.0/24', reason: 'Them', routes: 'core' })
    const { id } = made.body as { id: string }
    const headers = { authorization: `Bearer ${admin.accessToken}` }
    const gone = await ask(app, '203.0.113.7', `/api/v1/address-rules/${id}`, { method: 'DELETE', headers })
    expect(gone.body).toMatchObject({ code: 'LOCKS_YOU_OUT' })
    expect((await ask(app, '203.0.113.7', `/api/v1/address-rules/${id}`, { headers })).status).toBe(200)
  })
})

test('a rule of no range, or for no routes, is refused with the name of the field', async () => {
  const create = (given: object) =>
    app.rest('POST', '/api/v1/address-rules', {
      token: admin.accessToken,
      body: { effect: 'deny', range: '203.0.113.7', reason: 'A test', ...given },
    })
  for (const range of ['203.0.113.0/33', '203.0.113.256', 'example.com', '', '2001:db8::/129'])
    expect((await create({ range })).body, range).toMatchObject({ errors: [{ path: 'range' }] })
  for (const routes of ['', 'Core', 'core..jobs', 'core.jobs.list.x', 'metrics*'])
    expect((await create({ routes })).body, routes).toMatchObject({ errors: [{ path: 'routes' }] })
})
