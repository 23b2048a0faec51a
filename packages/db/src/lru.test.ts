import { expect, test } from 'vitest'
import { createLru } from './lru.ts'

test('holds a bounded number of entries and forgets what was not asked for longest', () => {
  const lru = createLru<string, number>(3)
  for (const [at, key] of ['a', 'b', 'c'].entries()) lru.set(key, at)
  expect(lru.get('a')).toBe(0)
  lru.set('d', 3)
  expect(lru.size).toBe(3)
  expect([lru.get('a'), lru.get('b'), lru.get('c'), lru.get('d')]).toEqual([0, undefined, 2, 3])
  lru.clear()
  expect(lru.size).toBe(0)
})
