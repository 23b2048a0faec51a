import type { Database } from '@plinth/db'
import { testDatabase } from '@plinth/db/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commerceMigrations } from '../migrations/index.ts'
import type { CommerceDb } from './db.ts'
import { listProducts } from './products/list.ts'
import { productById, productBySlug } from './products/queries.ts'
import { searchProducts } from './products/search.ts'
import { changeProduct } from './products/write.ts'
import { storeProducts } from './test-data.ts'

const PRODUCTS = 5000
const AT_ONCE = 32
const ROUNDS = 10

// A statement that scans or waits where it need not takes hundreds of milliseconds here; on an idle machine all of these
// take one or two, and tests run on busy ones.
const MEAN_MS = 50

let db: Database<CommerceDb> & AsyncDisposable
let ids: readonly string[]
beforeAll(async () => {
  db = await testDatabase<CommerceDb>(commerceMigrations)
  ids = await storeProducts(
    db.as(),
    Array.from({ length: PRODUCTS }, (_, at) => ({
      slug: `product-${at}`,
      name: `Product ${at % 700} colour ${at % 13}`,
      price_amount: (at * 7919) % 100_000,
    })),
  )
})
afterAll(() => db[Symbol.asyncDispose]())

const page = { limit: 20, cursor: undefined }
const hot = [
  (at: number) => productById.first(db.read, { id: ids[at] ?? '' }),
  (at: number) => productBySlug.first(db.read, { slug: `product-${at}` }),
  () => listProducts(db.read, {}, ['name'], page),
  () => listProducts(db.read, { price: { gte: 1000 }, currency: 'USD' }, ['-price'], page),
  (at: number) => searchProducts(db.read, `colour ${at % 13}`, {}, page),
  (at: number) => db.transaction((trx) => changeProduct(trx, ids[at] ?? '', { stock: at })),
]

test(`under ${AT_ONCE} callers at once no hot statement takes more than ${MEAN_MS} ms on average`, async () => {
  const call = async (caller: number) => {
    for (let round = 0; round < ROUNDS; round += 1)
      for (const ask of hot) expect(await ask(caller * ROUNDS + round)).toBeDefined()
  }
  db.resetCosts()
  await Promise.all(Array.from({ length: AT_ONCE }, (_, caller) => call(caller)))
  const costs = db.slowest().filter(({ calls }) => calls >= AT_ONCE * ROUNDS)
  expect(costs.length).toBeGreaterThanOrEqual(hot.length)
  for (const { sql, calls, errors, totalMs } of costs) {
    expect(errors, sql).toBe(0)
    expect(totalMs / calls, sql).toBeLessThan(MEAN_MS)
  }
})
