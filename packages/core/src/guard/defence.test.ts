import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AppRouter } from '@plinth/contract'
import { eventually } from '@plinth/db/testing'
import type { TestApp } from '@plinth/testing'
import { testNameServer } from '@plinth/testing/outside'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { ask, flushed, guardedApp, guessPasswords, welcome } from '../../test/guard.ts'
import type { CoreDb } from '../db.ts'

const opened = async (env?: Record<string, string>, databaseUrl?: string): Promise<TestApp> => {
  const app = await guardedApp(env, databaseUrl)
  onTestFinished(() => app[Symbol.asyncDispose]())
  return app
}

describe('a bad reputation', () => {
  const LIMITS = JSON.stringify({
    default: { perMinute: 100, burst: 100 },
    auth: { perMinute: 1_000_000, burst: 1_000_000 },
  })
  const limitOf = async (app: TestApp, address: string) =>
    Number((await ask(app, address, '/api/v1/tags')).headers.get('ratelimit-limit'))

  test('lowers limits, and recovers with time', async () => {
    const app = await opened({ PLINTH_LIMITS: LIMITS })
    const usual = await limitOf(app, '198.51.100.8')
    await guessPasswords(app, '198.51.100.7', 39)
    await flushed(app)
    expect(await limitOf(app, '198.51.100.7')).toBeLessThanOrEqual(usual / 3)
    expect(await limitOf(app, '198.51.100.8')).toBe(usual)
    const { core } = (await app.as('admin')).client
    const before = await core.reputations.get.query({ address: '198.51.100.7' })
    expect(before).toMatchObject({ offences: { loginFailed: 39 }, step: null })
    expect(before.score).toBeLessThan(60)
    app.clock.advance(2 * 3_600_000)
    const { core: later } = (await app.as('admin')).client
    expect((await later.reputations.get.query({ address: '198.51.100.7' })).score).toBeGreaterThan(80)
    expect(await limitOf(app, '198.51.100.7')).toBe(usual)
  })

  test('comes of calls beyond a limit too', async () => {
    const app = await opened({
      PLINTH_LIMITS: JSON.stringify({
        default: { perMinute: 5, burst: 0 },
        auth: { perMinute: 1_000_000, burst: 1_000_000 },
      }),
    })
    for (let call = 0; call < 50; call++) await ask(app, '198.51.100.7', '/api/v1/tags')
    await flushed(app)
    const { core } = (await app.as('admin')).client
    expect((await core.bans.list.query({ address: '198.51.100.7' })).items).toMatchObject([
      { kind: 'warning' },
    ])
  })

  test('is forgotten with a ban that is lifted', async () => {
    const app = await opened()
    for (let round = 0; round < 2; round++) {
      await guessPasswords(app, '198.51.100.7', 40)
      await flushed(app)
    }
    const { core } = (await app.as('admin')).client
    const [ban] = (await core.bans.list.query({ active: true })).items
    await core.bans.lift.mutate({ id: ban?.id ?? '' })
    expect(await core.reputations.get.query({ address: '198.51.100.7' })).toMatchObject({
      score: 100,
      step: null,
    })
  })

  test('of an address that nobody has seen is good', async () => {
    const app = await opened()
    const { core } = (await app.as('admin')).client
    expect(await core.reputations.get.query({ address: '2001:db8::7' })).toEqual({
      id: '2001:db8:0:0::/64',
      score: 100,
      step: null,
      offences: {},
      threatLists: [],
      lastOffenceAt: null,
    })
  })
})

describe('an imported list', () => {
  const listed = async (text: string, env: Record<string, string> = {}) => {
    const folder = await mkdtemp(join(tmpdir(), 'plinth-threats-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const path = join(folder, 'drop.txt')
    await writeFile(path, text)
    const app = await opened({ PLINTH_GUARD_THREATS_LISTS: JSON.stringify({ drop: path }), ...env })
    // A schedule begins to count when it is first looked at.
    await app.settle()
    return { app, path }
  }
  const imported = async (app: TestApp): Promise<void> => {
    app.clock.advance(3_600_000)
    await app.settle()
  }
  const listsOf = async (app: TestApp, address: string) =>
    (await (await app.as('admin')).client.core.reputations.get.query({ address })).threatLists

  test('counts for the score of who is on it, and makes the way to a ban shorter', async () => {
    const { app } = await listed('198.51.100.0/24 ; bad\n')
    await imported(app)
    const { core } = (await app.as('admin')).client
    const known = await core.reputations.get.query({ address: '198.51.100.7' })
    expect(known.threatLists).toEqual(['drop'])
    expect(known.score).toBeLessThan(60)
    expect(await core.reputations.get.query({ address: '203.0.113.7' })).toMatchObject({ score: 100 })
    await guessPasswords(app, '198.51.100.7', 10)
    await guessPasswords(app, '203.0.113.7', 10)
    await flushed(app)
    expect((await core.bans.list.query({})).items).toMatchObject([
      { network: '198.51.100.7', kind: 'warning' },
    ])
  })

  test('refuses who is on it where the settings say so', async () => {
    const { app } = await listed('198.51.100.0/24\n2001:db8:7::/48\n', {
      PLINTH_GUARD_THREATS_REFUSE: 'true',
    })
    expect(await welcome(app, '198.51.100.7')).toBe('200')
    await imported(app)
    expect(await welcome(app, '198.51.100.7')).toBe('403 ADDRESS_BLOCKED')
    expect(await welcome(app, '2001:db8:7:1::1')).toBe('403 ADDRESS_BLOCKED')
    expect(await welcome(app, '203.0.113.7')).toBe('200')
    expect((await ask(app, '198.51.100.7', '/health')).status).toBe(200)
  })

  test('is replaced as a whole, and stays as it was when it can not be read or says nothing', async () => {
    const { app, path } = await listed('198.51.100.7\n')
    await imported(app)
    await writeFile(path, '198.51.100.8\n')
    await imported(app)
    expect([await listsOf(app, '198.51.100.7'), await listsOf(app, '198.51.100.8')]).toEqual([[], ['drop']])
    await writeFile(path, '# nothing today\n')
    await imported(app)
    await rm(path)
    await imported(app)
    expect(await listsOf(app, '198.51.100.8')).toEqual(['drop'])
  })

  test('can not name half of the world', async () => {
    const { app } = await listed('0.0.0.0/0\n::/0\n64.0.0.0/7\n198.51.100.7\n')
    await imported(app)
    const rows = await app.db.as<CoreDb>().read.selectFrom('threat_ranges').select('range').execute()
    expect(rows).toEqual([{ range: '198.51.100.7' }])
  })
})

describe('a bot', () => {
  const GOOGLE = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
  const as = (app: TestApp, agent: string, address = '198.51.100.7', path = '/api/v1/tags') =>
    ask(app, address, path, { headers: { 'user-agent': agent } })

  test('is answered like anybody, and told apart in the log, where nothing is set', async () => {
    const app = await opened()
    for (const agent of [GOOGLE, 'curl/8.5.0', 'sqlmap/1.8', ''])
      expect((await as(app, agent)).status).toBe(200)
    await flushed(app)
    const { core } = (await app.as('admin')).client
    const { items } = await core.requests.list.query({ address: '198.51.100.7' })
    expect(items.map(({ client, botConfidence }) => `${client} ${botConfidence}`).toSorted()).toEqual([
      'crawler high',
      'library low',
      'scanner high',
      'unknown low',
    ])
  })

  test('is refused, slowed or let through as the settings say of its confidence', async () => {
    const app = await opened({
      PLINTH_GUARD_BOTS_HIGH: 'refuse',
      PLINTH_GUARD_BOTS_MEDIUM: 'slow',
      PLINTH_GUARD_BOTS_SLOW_MS: '300',
      PLINTH_GUARD_BOTS_MOST_SLOW: '2',
      PLINTH_GUARD_BOTS_EXEMPT: 'FriendBot/',
    })
    const chrome =
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
    const refused = await as(app, 'sqlmap/1.8')
    expect(refused.status).toBe(403)
    expect(refused.body).toMatchObject({ code: 'BOT_REFUSED' })
    expect((await as(app, 'FriendBot/1.0 (+https://friend.example)')).status).toBe(200)
    expect((await as(app, 'curl/8.5.0')).status).toBe(200)
    for (const path of ['/health', '/ready', '/metrics'])
      expect((await as(app, 'sqlmap/1.8', '198.51.100.7', path)).status).toBe(200)
    // The client of these tests sends no language with the name of a browser.
    const pretend = () =>
      ask(app, '198.51.100.7', '/api/v1/tags', { headers: { 'user-agent': chrome, 'accept-language': '' } })
    const startedAt = performance.now()
    expect((await pretend()).status).toBe(200)
    const took = performance.now() - startedAt
    const several = await Promise.all([pretend(), pretend(), pretend(), pretend()])
    expect(took < 300 ? 'not slowed' : 'slowed').toBe('slowed')
    expect(several.map(({ status }) => String(status)).toSorted()).toEqual(['200', '200', '429', '429'])
  })

  test('that walked into the trap is known by its fingerprint, also from another address of its network', async () => {
    const app = await opened({ PLINTH_GUARD_BOTS_HIGH: 'refuse' })
    const agent = 'curl/8.5.0'
    expect((await as(app, agent, '198.51.100.7')).status).toBe(200)
    await as(app, agent, '198.51.100.7', '/internal/members')
    await flushed(app)
    expect((await as(app, agent, '198.51.100.8')).body).toMatchObject({ code: 'BOT_REFUSED' })
    expect((await as(app, 'curl/8.6.0', '198.51.100.8')).status).toBe(200)
    expect((await as(app, agent, '203.0.113.7')).status).toBe(200)
    await flushed(app)
    const { core } = (await app.as('admin')).client
    const { items } = await core.requests.list.query({ address: '198.51.100.8', status: { eq: 403 } })
    expect(items).toMatchObject([{ botConfidence: 'high', signs: ['caught-before'] }])
    app.clock.advance(3_600_000)
    expect((await as(app, agent, '198.51.100.8')).status).toBe(200)
  })

  test('that is the crawler it says is let through, and one that is not is refused', async () => {
    await using names = await testNameServer({
      'PTR 1.66.249.66.in-addr.arpa': ['crawl-66-249-66-1.googlebot.com'],
      'A crawl-66-249-66-1.googlebot.com': ['66.249.66.1'],
      'PTR 7.100.51.198.in-addr.arpa': ['crawl.googlebot.com.evil.example'],
    })
    const app = await opened({
      PLINTH_GUARD_BOTS_HIGH: 'refuse',
      PLINTH_GUARD_BOTS_VERIFY_CRAWLERS: 'true',
      PLINTH_GUARD_BOTS_NAME_SERVERS: names.address,
    })
    await as(app, GOOGLE, '66.249.66.1')
    await eventually(async () => expect((await as(app, GOOGLE, '198.51.100.7')).status).toBe(403))
    expect((await as(app, GOOGLE, '66.249.66.1')).status).toBe(200)
    await flushed(app)
    const { core } = (await app.as('admin')).client
    const clientsOf = async (address: string) =>
      new Set((await core.requests.list.query({ address })).items.map(({ client }) => client))
    expect(await clientsOf('66.249.66.1')).toEqual(new Set(['verified-crawler']))
    expect(await clientsOf('198.51.100.7')).toContain('false-crawler')
  })
})

test('a process finds by itself what another one decided, and writes by itself what it noticed', async () => {
  const fast = { PLINTH_GUARD_REFRESH_MS: '50', PLINTH_GUARD_WRITE_MS: '20' }
  const first = await opened(fast)
  const second = await opened(fast, first.settings.database.url)
  for (const { composed } of [first, second]) composed.guard?.start()
  for (let round = 0; round < 2; round++) {
    await guessPasswords(first, '198.51.100.7', 45)
    await eventually(async () => {
      const rows = await first.db.as<CoreDb>().read.selectFrom('bans').select('id').execute()
      expect(rows).toHaveLength(round + 1)
    })
  }
  await eventually(async () => expect(await welcome(second, '198.51.100.7')).toBe('429 ADDRESS_BANNED'))
  await eventually(async () => {
    const rows = await first.db.as<CoreDb>().read.selectFrom('requests').select('id').execute()
    expect(rows.length).toBeGreaterThanOrEqual(90)
  })
})

test('calls over a WebSocket that was open before are refused too, by ban and by list', async () => {
  const app = await opened()
  const socket = createWSClient({
    url: `${app.url.replace('http', 'ws')}/trpc-ws`,
    WebSocket: class extends WebSocket {
      constructor(url: string | URL) {
        super(url, { headers: { 'x-forwarded-for': '203.0.113.7' } })
      }
    } as never,
  })
  onTestFinished(() => socket.close())
  const client = createTRPCClient<AppRouter>({ links: [wsLink({ client: socket })] })
  expect((await client.commerce.tags.list.query({})).items).toEqual([])
  const { core } = (await app.as('admin')).client
  const rule = { effect: 'deny' as const, routes: 'commerce.tags', range: '203.0.113.7', reason: 'A test' }
  await core.addressRules.create.mutate(rule)
  await app.settle()
  await expect(client.commerce.tags.list.query({})).rejects.toMatchObject({
    data: { code: 'ADDRESS_BLOCKED' },
  })
  expect((await client.commerce.categories.list.query({})).items).toEqual([])
  await core.bans.create.mutate({ address: '203.0.113.7', reason: 'A test', minutes: 5 })
  await app.settle()
  await expect(client.commerce.categories.list.query({})).rejects.toMatchObject({
    data: { code: 'ADDRESS_BANNED' },
  })
})
