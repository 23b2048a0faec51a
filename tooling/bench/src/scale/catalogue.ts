import { type CommerceDb, insertProducts } from '@plinth/commerce'
import type { Database } from '@plinth/db'
import { newId } from '@plinth/kit'

const AT_ONCE = 2000

const WORDS = 4000
const SYLLABLES = [
  'ba',
  'de',
  'ki',
  'lo',
  'mu',
  'na',
  're',
  'si',
  'to',
  'vu',
  'ga',
  'fe',
  'pi',
  'zo',
  'lu',
  'ra',
]

/** The word of a rank: the same for every run. */
export const wordOf = (rank: number): string => {
  let text = ''
  for (let rest = rank + SYLLABLES.length; rest > 0; rest = Math.trunc(rest / SYLLABLES.length))
    text += SYLLABLES[rest % SYLLABLES.length]
  return text
}

/** Numbers from 0 up to 1 that look random and are the same for every run (mulberry32, public domain). */
export const numbersFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Words as shops use them: the rank of a word by Zipf's law, so that few are common and most are rare. */
const createWords = (next: () => number) => (count: number) =>
  Array.from({ length: count }, () => wordOf(Math.trunc(WORDS ** next()) - 1)).join(' ')

/** Adds generated products until the database has this many; they are the same for every run. */
export const growTo = async (db: Database<CommerceDb>, from: number, to: number): Promise<void> => {
  const next = numbersFrom(from + 1)
  const words = createWords(next)
  const now = new Date()
  for (let start = from; start < to; start += AT_ONCE) {
    const count = Math.min(AT_ONCE, to - start)
    const rows = Array.from({ length: count }, (_, at) => ({
      id: newId('prd', now),
      slug: `generated-${start + at}`,
      sku: null,
      name: words(3),
      description: words(10),
      price_amount: Math.trunc(next() * 100_000),
      price_currency: 'EUR',
      stock: Math.trunc(next() * 100),
      popularity: Math.trunc(next() * 1000),
      category_id: null,
    }))
    await db.transaction((trx) => insertProducts(trx, rows, now))
  }
}
