import { expect, test } from 'vitest'
import { createMemoryCache } from './memory-cache.ts'

const make = (maxEntries = 3, maxBytes = 1_000_000) => {
  const cache = createMemoryCache({ maxEntries, maxBytes })
  const put = (key: string, tags: string[] = [], { json = '{}', expiresAt = 1000 } = {}) =>
    cache.set(key, { json, etag: '"e"' }, { tags, expiresAt, mark: cache.mark(tags) })
  const has = (key: string, now = 0) => cache.get(key, now) !== undefined
  return { cache, put, has }
}

test('an answer is given again until the moment it expires', () => {
  const { cache, put } = make()
  put('a', [], { json: '[1]', expiresAt: 50 })
  expect(cache.get('a', 49)).toEqual({ json: '[1]', etag: '"e"' })
  expect(cache.get('a', 50)).toBeUndefined()
  expect(cache.stats()).toMatchObject({ hits: 1, misses: 1, entries: 0, bytes: 0 })
})

test('the answer that was not used for longest goes first', () => {
  const { cache, put, has } = make(3)
  for (const key of ['a', 'b', 'c']) put(key)
  has('a')
  put('d')
  expect(['a', 'b', 'c', 'd'].map((key) => has(key))).toEqual([true, false, true, true])
  expect(cache.stats()).toMatchObject({ evictions: 1, entries: 3 })
})

test('bytes are bounded, and given back when entries go', () => {
  const { cache, put, has } = make(100, 10_000)
  const json = 'x'.repeat(2000)
  for (const key of ['a', 'b', 'c']) put(key, ['t'], { json })
  expect(cache.stats().bytes).toBeLessThanOrEqual(10_000)
  expect(cache.stats().entries).toBe(2)
  put('whole', [], { json: 'x'.repeat(5000) })
  expect(has('whole')).toBe(false)
  put('c', ['t'], { json: '' })
  cache.drop(['t'])
  expect(cache.stats()).toMatchObject({ entries: 0, bytes: 0 })
})

test('a key that is set again answers the new entry under its new tags', () => {
  const { cache, put, has } = make()
  put('a', ['old'])
  put('a', ['new'], { json: '2' })
  cache.drop(['old'])
  expect(cache.get('a', 0)?.json).toBe('2')
  cache.drop(['new'])
  expect(has('a')).toBe(false)
})
