import { type Database, foldText } from '@plinth/db'
import { testDatabase } from '@plinth/db/testing'
import { newId } from '@plinth/kit'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commerceMigrations } from '../../migrations/index.ts'
import { insertProducts } from '../bulk.ts'
import type { CommerceDb } from '../db.ts'
import { searchProducts } from './search.ts'
import { BOUNDS, type Bounds } from './search-stages.ts'

const NOW = new Date('2026-11-21T09:30:00.000Z')
const PRODUCTS = 1500

interface Sample {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly popularity: number
}

// Words that most names, most beginnings, or most descriptions hold, and some that few do.
const nameOf = (at: number): string => {
  if (at % 250 === 0) return 'Lead'
  if (at % 9 < 5) return `Lead common ${at}`
  return at % 9 < 7 ? `The common ${at}` : `Rare thing ${at}`
}
const descriptionOf = (at: number): string =>
  [at % 20 === 0 ? '' : 'A long story', at % 3 === 0 ? 'about a common lead' : '', `told ${at % 700}`].join(
    ' ',
  )

const samples = Array.from(
  { length: PRODUCTS },
  (_, at): Sample => ({
    id: newId('prd', NOW),
    name: at % 400 === 7 ? `Story of ${at}` : nameOf(at),
    description: descriptionOf(at),
    popularity: (at * 7919) % 50,
  }),
)

let db: Database<CommerceDb> & AsyncDisposable
beforeAll(async () => {
  db = await testDatabase<CommerceDb>(commerceMigrations)
  const rows = samples.map((sample, at) => ({
    ...sample,
    slug: `sample-${at}`,
    sku: null,
    price_amount: at,
    price_currency: 'EUR',
    stock: 1,
    category_id: null,
  }))
  await db.transaction(async (trx) => {
    await insertProducts(trx, rows, NOW)
    await sql`analyze`.execute(trx)
  })
})
afterAll(() => db[Symbol.asyncDispose]())

const holds = (text: string, words: readonly string[]): boolean =>
  words.every((word) => text.split(' ').some((other) => other.startsWith(word)))

const relevanceOf = (name: string, q: string): number => {
  if (name === q) return 3
  if (name.startsWith(q)) return 2
  return holds(name, q.split(' ')) ? 1 : 0
}

/** What a search must find, worked out by looking at every product. */
const expectedOf = (q: string): string[] =>
  samples
    .map((sample) => ({ ...sample, folded: foldText(sample.name) }))
    .filter(({ folded, description }) => holds(`${folded} ${foldText(description)}`, q.split(' ')))
    .map((sample) => ({ ...sample, relevance: relevanceOf(sample.folded, q) }))
    .sort((a, b) => b.relevance - a.relevance || b.popularity - a.popularity || (a.id < b.id ? 1 : -1))
    .map(({ id }) => id)

interface Asked {
  readonly limit: number
  readonly bounds: Bounds
  readonly most?: number
}

const pagesOf = async (q: string, { limit, bounds, most = PRODUCTS }: Asked): Promise<string[]> => {
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const { items, nextCursor } = await searchProducts(db.read, q, {}, { limit, cursor }, bounds)
    seen.push(...items.map(({ id }) => id))
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined && seen.length < most)
  return seen
}

// As measured, and so that each way is taken: all at once, collected, skimmed with and without success, walked,
// and by the rarest word.
const everyBounds: readonly Bounds[] = [
  BOUNDS,
  { few: PRODUCTS, begun: PRODUCTS, many: PRODUCTS, rare: PRODUCTS, skimmed: 10 },
  { few: 5, begun: PRODUCTS, many: PRODUCTS, rare: PRODUCTS, skimmed: 10 },
  { few: 5, begun: 200, many: 200, rare: 0, skimmed: 100 },
  { few: 5, begun: 2, many: 2, rare: 10, skimmed: 30 },
]

describe.each(everyBounds)(
  'with the bounds %o a search answers what looking at every product would',
  (bounds) => {
    test.each(['common', 'lead', 'le', 'lead common', 'story', 'a', 'told', 'common story', 'st'])(
      'all of it, in the same order: %s',
      async (q) => {
        const expected = expectedOf(q)
        expect(expected.length).toBeGreaterThan(600)
        expect(await pagesOf(q, { limit: 200, bounds })).toEqual(expected)
        expect(await pagesOf(q, { limit: 20, bounds, most: 60 })).toEqual(expected.slice(0, 60))
      },
    )

    test('and so does one that finds few', async () => {
      for (const q of ['rare thing', 'story of', 'lead common 1', 'told 699 lead'])
        expect(await pagesOf(q, { limit: 50, bounds })).toEqual(expectedOf(q))
    })
  },
)

test('signs alone find nothing, however many products there are', async () => {
  for (const bounds of everyBounds) expect(await pagesOf('!?', { limit: 20, bounds, most: 20 })).toEqual([])
})

test('what was deleted or became popular since is left out or comes first', async () => {
  const q = 'lead common'
  const [first, second, ...others] = expectedOf(q)
  if (!first || !second) throw new Error('There is too little to find')
  await db.transaction(async (trx) => {
    const products = trx.updateTable('products')
    await products.set({ deleted_at: NOW.toISOString() }).where('id', '=', first).execute()
    await products.set({ popularity: 1_000_000 }).where('id', '=', second).execute()
    await products
      .set({ popularity: 999_999 })
      .where('id', '=', others[5] ?? '')
      .execute()
  })
  for (const bounds of everyBounds) {
    const found = await pagesOf(q, { limit: 20, bounds, most: 20 })
    expect(found.slice(0, 2)).toEqual([second, others[5]])
    expect(found).not.toContain(first)
  }
})
