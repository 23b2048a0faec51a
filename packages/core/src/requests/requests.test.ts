import type { TestActor, TestApp } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ask, flushed, guardedApp } from '../../test/guard.ts'
import type { CoreDb } from '../db.ts'
import { purgeGuard } from '../guard/purge.ts'

const KEPT_BYTES = 300
let app: TestApp
let admin: TestActor
beforeAll(async () => {
  app = await guardedApp({
    PLINTH_GUARD_REQUESTS_BODY_BYTES: String(KEPT_BYTES),
    PLINTH_GUARD_REQUESTS_MASKED_FIELDS: 'nickname',
    PLINTH_GUARD_MOST_WAITING: '50',
  })
  admin = await app.as('admin')
})
afterAll(() => app[Symbol.asyncDispose]())

let last = 0
/** An address that no other test has. */
const nextAddress = (): string => {
  last += 1
  return `198.51.100.${last}`
}
const loggedOf = async (address: string) => {
  await flushed(app)
  return (await admin.client.core.requests.list.query({ address, limit: 100 })).items
}

describe('a request is kept with who asked for what, how long it took, and how large it was', () => {
  test('over REST, with its procedure as route', async () => {
    const address = nextAddress()
    const { body, headers, text } = await ask(app, address, '/api/v1/products/search?q=secret')
    expect(body).toBeDefined()
    const [row] = await loggedOf(address)
    expect(row).toMatchObject({
      requestId: headers.get('x-request-id'),
      method: 'GET',
      route: 'commerce.products.search',
      path: '/api/v1/products/search',
      status: 200,
      received: 0,
      sent: text.length,
      address,
      userId: null,
      country: 'unknown',
      region: 'unknown',
      body: null,
    })
    expect(row?.durationMs).toBeGreaterThan(0)
    expect(JSON.stringify(row)).not.toContain('secret')
  })

  test('over tRPC, alone and as a batch', async () => {
    const address = nextAddress()
    await ask(app, address, '/trpc/commerce.tags.list?input=%7B%7D')
    await ask(app, address, '/trpc/commerce.tags.list,commerce.nothing,commerce.categories.list?batch=1')
    expect((await loggedOf(address)).map(({ route, status }) => `${route} ${status}`).toSorted()).toEqual([
      'commerce.tags.list 200',
      'commerce.tags.list,commerce.categories.list 207',
    ])
  })

  test('with the user who is signed in, and the sizes of both bodies', async () => {
    const address = nextAddress()
    const body = { name: 'A tag' }
    const headers = { authorization: `Bearer ${admin.accessToken}` }
    const answer = await ask(app, address, '/api/v1/tags', { method: 'POST', headers, body })
    const [row] = await loggedOf(address)
    expect(row).toMatchObject({ userId: admin.account.id, received: JSON.stringify(body).length })
    expect([answer.status, row?.sent]).toEqual([row?.status, answer.text.length])
  })

  test('also when it was refused, and when there is no such route', async () => {
    const address = nextAddress()
    await ask(app, address, '/api/v1/nowhere/at/all')
    await ask(app, address, '/api/v1/products', { method: 'POST', body: { name: 'x' } })
    expect((await loggedOf(address)).map(({ route, status }) => `${status} ${route}`).toSorted()).toEqual([
      '401 commerce.products.create',
      '404 /api/v1/nowhere/at/all',
    ])
  })

  test('also a WebSocket, when it is opened and when it is refused', async () => {
    const address = nextAddress()
    const open = (origin?: string) =>
      new Promise<void>((resolve) => {
        const socket = new WebSocket(`${app.url.replace('http', 'ws')}/trpc-ws`, {
          headers: { 'x-forwarded-for': address, ...(origin !== undefined && { origin }) },
        })
        socket.once('open', () => socket.close()).once('close', () => resolve())
        socket.once('error', () => resolve())
      })
    await open()
    await open('https://evil.example')
    expect((await loggedOf(address)).map(({ path, status }) => `${path} ${status}`).toSorted()).toEqual([
      '/trpc-ws 101',
      '/trpc-ws 403',
    ])
  })

  test('but not those of who only watches', async () => {
    const address = nextAddress()
    for (const path of ['/health', '/ready', '/metrics']) await ask(app, address, path)
    expect(await loggedOf(address)).toEqual([])
  })
})

describe('a body is kept without what is secret', () => {
  const bodyOf = async (path: string, body: unknown) => {
    const address = nextAddress()
    await ask(app, address, path, { method: 'POST', body })
    return (await loggedOf(address))[0]?.body ?? ''
  }
  test('over REST: passwords, and fields that the settings name', async () => {
    const kept = await bodyOf('/api/v1/auth/login', {
      email: 'ada@example.com',
      password: 'a password to find',
      more: { nickname: 'find me', card: { number: '1' } },
    })
    expect(kept).toBe(
      '{"email":"ada@example.com","password":"[masked]","more":{"nickname":"[masked]","card":"[masked]"}}',
    )
  })
  test('over tRPC, in a batch, and where the body is cut off', async () => {
    const login = { email: 'ada@example.com', password: 'a password to find' }
    expect(await bodyOf('/trpc/core.sessions.login', login)).not.toContain('to find')
    expect(await bodyOf('/trpc/core.sessions.login?batch=1', { 0: login })).not.toContain('to find')
    for (let pad = 200; pad < 320; pad += 7) {
      const kept = await bodyOf('/api/v1/auth/login', {
        pad: 'x'.repeat(pad),
        password: 'to find, to find, to find',
      })
      expect(kept).not.toContain('to find')
      expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(KEPT_BYTES + 20)
    }
  })
  test('where it is no JSON at all', async () => {
    expect(await bodyOf('/api/v1/auth/login', '{"password":"to find')).not.toContain('to find')
    for (const odd of [
      'password=to-find',
      '{"password" "to-find"}',
      '{password:"to-find"}',
      '"to-find"',
      "{'password':'to-find'}",
    ])
      expect(await bodyOf('/api/v1/auth/login', odd), odd).not.toContain('to-find')
  })
  test('and no larger than the bound', async () => {
    const kept = await bodyOf('/api/v1/auth/login', { email: 'x'.repeat(100_000) })
    expect(kept.length).toBeLessThanOrEqual(KEPT_BYTES + 20)
    expect(kept.endsWith('…')).toBe(true)
  })
})

describe('the log is asked', () => {
  test('by route, status, user, fingerprint and time, newest first, page by page', async () => {
    const address = nextAddress()
    const before = app.clock.now().toISOString()
    for (const path of ['/api/v1/tags', '/api/v1/tags?limit=0', '/api/v1/categories']) {
      app.clock.advance(1000)
      await ask(app, address, path)
    }
    const [newest, , oldest] = await loggedOf(address)
    const { requests } = admin.client.core
    const routesOf = async (input: Parameters<typeof requests.list.query>[0]) =>
      (await requests.list.query({ address, ...input })).items.map(({ route, status }) => [route, status])
    expect(await routesOf({})).toEqual([
      ['commerce.categories.list', 200],
      ['commerce.tags.list', 422],
      ['commerce.tags.list', 200],
    ])
    expect(await routesOf({ route: 'commerce.tags.list', status: { lte: 299 } })).toHaveLength(1)
    expect(await routesOf({ status: { gte: 400 } })).toEqual([['commerce.tags.list', 422]])
    expect(await routesOf({ at: { lte: before } })).toEqual([])
    expect(await routesOf({ at: { eq: newest?.at ?? '' } })).toEqual([['commerce.categories.list', 200]])
    expect(await routesOf({ at: { gte: oldest?.at ?? '', lte: oldest?.at ?? '' } })).toHaveLength(1)
    expect(await routesOf({ userId: admin.account.id })).toEqual([])
    expect(await routesOf({ fingerprint: newest?.fingerprint ?? '' })).toHaveLength(3)
    const first = await requests.list.query({ address, limit: 2 })
    const second = await requests.list.query({ address, limit: 2, cursor: first.nextCursor ?? '' })
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([2, 1, null])
  })

  test('by administrators alone', async () => {
    const manager = await app.as('manager')
    await expect(manager.client.core.requests.list.query({})).rejects.toMatchObject({
      data: { code: 'FORBIDDEN' },
    })
  })
})

test('more requests than may wait are counted and not kept, and none of them is held up', async () => {
  const address = nextAddress()
  await flushed(app)
  for (let count = 0; count < 60; count++) expect((await ask(app, address, '/api/v1/tags')).status).toBe(200)
  expect(await loggedOf(address)).toHaveLength(50)
  const { text } = await ask(app, address, '/metrics')
  expect(text).toContain('plinth_guard_total{what="dropped"} 10')
})

test('requests go when they were kept long enough, and no sooner', async () => {
  const address = nextAddress()
  await ask(app, address, '/api/v1/tags')
  const [row] = await loggedOf(address)
  const purge = (days: number) =>
    purgeGuard(
      { db: app.db, settings: app.settings.guard },
      new Date(Date.parse(row?.at ?? '') + days * 24 * 3_600_000 + 1),
      new AbortController().signal,
    )
  const left = async () =>
    app.db.as<CoreDb>().read.selectFrom('requests').select('id').where('address', '=', address).execute()
  await purge(13.9)
  expect(await left()).toHaveLength(1)
  await purge(14)
  expect(await left()).toHaveLength(0)
})

test('a server that keeps no requests judges them all the same', async () => {
  await using other = await guardedApp({ PLINTH_GUARD_REQUESTS_ON: 'false' })
  for (let visit = 0; visit < 2; visit++) await ask(other, '198.51.100.7', '/internal/members')
  await flushed(other)
  const { core } = (await other.as('admin')).client
  expect((await core.requests.list.query({})).items).toEqual([])
  expect((await core.bans.list.query({})).items).toHaveLength(1)
})
