import type { Cache, CacheEntry } from '@plinth/kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testLink } from '../testing.ts'
import { createMemoryCache } from './memory-cache.ts'
import { createRedisCache } from './redis-cache.ts'

const NOW = Date.now()
const clock = { now: () => new Date(NOW) }
let redis: Awaited<ReturnType<typeof testLink>>
beforeAll(async () => {
  redis = await testLink()
})
afterAll(() => redis[Symbol.asyncDispose]())

const stores: Readonly<Record<string, () => Cache>> = {
  'in process': () => createMemoryCache({ maxEntries: 100, maxBytes: 100_000 }),
  'in Redis': () => createRedisCache({ redis, clock, maxEntryBytes: 50_000 }),
}

let made = 0
const use = (cache: Cache) => {
  made += 1
  const own = (name: string) => `${made}:${name}`
  const entry = (json: string): CacheEntry => ({ json, etag: 'W/"1"' })
  return {
    own,
    async put(key: string, tags: string[] = [], json = '{}', expiresAt = NOW + 60_000) {
      const mark = (await cache.mark(tags.map(own))) ?? ''
      await cache.set(own(key), entry(json), { tags: tags.map(own), expiresAt, mark })
    },
    get: (key: string, tags: string[] = [], now = NOW) => cache.get(own(key), now, tags.map(own)),
    mark: (...tags: string[]) => cache.mark(tags.map(own)),
    drop: (...tags: string[]) => cache.drop(tags.map(own)),
    set: (key: string, tags: string[], mark: string, json = '{}') =>
      cache.set(own(key), entry(json), { tags: tags.map(own), expiresAt: NOW + 60_000, mark }),
  }
}

describe.each(Object.entries(stores))('a cache %s', (_, create) => {
  test('gives an answer again, whatever characters it has, until the moment it expires', async () => {
    const { put, get } = use(create())
    const json = JSON.stringify({ text: 'first\nsecond\n\u{1f6b2}', more: 'ä,|' })
    await put('a', ['t'], json, NOW + 50)
    expect(await get('a', ['t'], NOW + 49)).toEqual({ json, etag: 'W/"1"' })
    expect(await get('a', ['t'], NOW + 50)).toBeUndefined()
    expect(await get('b', ['t'])).toBeUndefined()
  })

  test('drops every answer that has one of the tags, and no other', async () => {
    const { put, get, drop } = use(create())
    await put('a', ['products'])
    await put('b', ['products', 'tags'])
    await put('c', ['tags'])
    await drop('products', 'unknown')
    expect(await get('a', ['products'])).toBeUndefined()
    expect(await get('b', ['products', 'tags'])).toBeUndefined()
    expect(await get('c', ['tags'])).toBeDefined()
  })

  test('does not give an answer that was computed while one of its tags was dropped', async () => {
    const { set, get, mark, drop } = use(create())
    const tags = ['products', 'tags']
    const before = (await mark(...tags)) ?? ''
    await drop('tags')
    await set('a', tags, before, '"stale"')
    expect(await get('a', tags)).toBeUndefined()
    await set('a', tags, (await mark(...tags)) ?? '', '"new"')
    expect(await get('a', tags)).toMatchObject({ json: '"new"' })
  })

  test('marks are the same exactly while no tag of them is dropped', async () => {
    const { mark, drop } = use(create())
    const first = await mark('a', 'b')
    expect(await mark('a', 'b')).toBe(first)
    await drop('c')
    expect(await mark('a', 'b')).toBe(first)
    await drop('b')
    const second = await mark('a', 'b')
    expect(second).not.toBe(first)
    await drop('b')
    expect(new Set([first, second, await mark('a', 'b')]).size).toBe(3)
  })

  test('a key that is set again answers the new entry', async () => {
    const { put, get } = use(create())
    await put('a', ['t'], '1')
    await put('a', ['t'], '2')
    expect(await get('a', ['t'])).toMatchObject({ json: '2' })
  })

  test('an answer that is too large is not kept', async () => {
    const { put, get } = use(create())
    await put('a', [], JSON.stringify('x'.repeat(50_001)))
    expect(await get('a')).toBeUndefined()
  })

  test('hits and misses are counted', async () => {
    const cache = create()
    const { put, get } = use(cache)
    await put('a')
    await get('a')
    await get('a')
    await get('b')
    const stats = await cache.stats()
    expect(stats).toMatchObject({ hits: 2, misses: 1 })
    expect(stats.entries).toBeGreaterThan(0)
    expect(stats.bytes).toBeGreaterThan(0)
  })
})

describe('two processes with one Redis', () => {
  test('give each other what they kept, and a drop by one holds for the other', async () => {
    await using other = await testLink({ keyPrefix: redis.key('') })
    const first = createRedisCache({ redis, clock, maxEntryBytes: 1000 })
    const second = createRedisCache({ redis: other, clock, maxEntryBytes: 1000 })
    const mark = (await first.mark(['shared'])) ?? ''
    await first.set('k', { json: '1', etag: 'e' }, { tags: ['shared'], expiresAt: NOW + 60_000, mark })
    expect(await second.get('k', NOW, ['shared'])).toEqual({ json: '1', etag: 'e' })
    await second.drop(['shared'])
    expect(await first.get('k', NOW, ['shared'])).toBeUndefined()
  })

  test('agree on who computes what is missing, until that one is done or its time is over', async () => {
    const first = createRedisCache({ redis, clock, maxEntryBytes: 1000 })
    const second = createRedisCache({ redis, clock, maxEntryBytes: 1000 })
    const done = await first.claim('k', 60_000)
    expect(done).not.toBeNull()
    expect(await second.claim('k', 60_000)).toBeNull()
    await done?.()
    const short = await second.claim('k', 30)
    await expect.poll(() => first.claim('k', 60_000)).not.toBeNull()
    // Its claim ended by itself: it does not end the other's.
    await short?.()
    expect(await second.claim('k', 60_000)).toBeNull()
  })

  test('no key of it lives for ever', async () => {
    const cache = createRedisCache({ redis, clock, maxEntryBytes: 1000 })
    const mark = (await cache.mark(['t'])) ?? ''
    await cache.set('k', { json: '1', etag: 'e' }, { tags: ['t'], expiresAt: NOW + 60_000, mark })
    await cache.claim('c', 1000)
    const lives = await redis.run(async (client) =>
      Promise.all((await client.keys(`${redis.key('')}*`)).map((key) => client.pttl(key))),
    )
    expect(lives.length).toBeGreaterThan(2)
    expect(Math.min(...lives)).toBeGreaterThan(0)
  })
})
