import { Slug } from '@plinth/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { insertWithSlug, slugOf } from './slugs.ts'

test('whatever the name, a slug fits the contract with room for a number', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.lorem({ maxCount: 60 })),
      (name) => {
        expect(Slug.safeParse(`${slugOf(name, 'product')}-999999999`).success).toBe(true)
      },
    ),
  )
})

test.each([
  ['Mountain-200 Black, 38', 'mountain-200-black-38'],
  ['  Crème Brûlée — Straße ', 'creme-brulee-strasse'],
  ['日本語', 'product'],
  ['!!!', 'product'],
])('%j becomes %j', (name, slug) => {
  expect(slugOf(name, 'product')).toBe(slug)
})

test('when all numbers are taken, or every race is lost, the id makes the slug unique', async () => {
  const id = 'prd_01jd7m3x5sfa9v8k2cq4w6y8ze'
  const insert = async (slug: string) => (slug.endsWith(id.slice(-10)) ? slug : undefined)
  const all = { insert, taken: async (slugs: readonly string[]) => slugs }
  const none = { insert, taken: async () => [] }
  for (const table of [all, none]) expect(await insertWithSlug('bike', id, table)).toBe('bike-2cq4w6y8ze')
})
