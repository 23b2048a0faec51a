import { foldText } from '@plinth/db'
import { type Client, type TestApp, testApp } from '@plinth/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storeProducts, usd } from '../test-data.ts'
import { type SortName, sortNames } from './sort.ts'

let app: TestApp
let admin: Client
beforeAll(async () => {
  // Rows are stored past the API here, which drops no cached answer.
  app = await testApp({ env: { PLINTH_CACHE_ON: 'false' } })
  admin = (await app.as('admin')).client
})
afterAll(() => app[Symbol.asyncDispose]())

type ListInput = NonNullable<Parameters<Client['commerce']['products']['list']['query']>[0]>
type Product = Awaited<ReturnType<Client['commerce']['products']['list']['query']>>['items'][number]

const list = (input: ListInput) => app.client.commerce.products.list.query(input)
const namesOf = (items: readonly { name: string }[]) => items.map(({ name }) => name)

/** Every page of a list, one after another; `between` runs before each page but the first. */
const readAll = async (input: ListInput, between: () => Promise<unknown> = async () => undefined) => {
  const items: Product[] = []
  let page = await list(input)
  items.push(...page.items)
  while (page.nextCursor !== null) {
    await between()
    page = await list({ ...input, cursor: page.nextCursor })
    items.push(...page.items)
  }
  return items
}

const invalidCursor = {
  data: { code: 'INVALID_INPUT', httpStatus: 422, errors: [expect.objectContaining({ path: 'cursor' })] },
}

describe('filters', () => {
  let ids: Record<'bikes' | 'road' | 'clothing' | 'sale' | 'fresh', string>
  beforeAll(async () => {
    const { categories, tags, products } = admin.commerce
    const bikes = (await categories.create.mutate({ name: 'Bikes' })).id
    const road = (await categories.create.mutate({ name: 'Road Bikes', parentId: bikes })).id
    const deep = (await categories.create.mutate({ name: 'Racing Bikes', parentId: road })).id
    const clothing = (await categories.create.mutate({ name: 'Clothing' })).id
    const sale = (await tags.create.mutate({ name: 'Sale' })).id
    const fresh = (await tags.create.mutate({ name: 'Fresh' })).id
    ids = { bikes, road, clothing, sale, fresh }
    const create = (name: string, price: number, more: object) =>
      products.create.mutate({ name, price: usd(price), sku: `F-${name}`, ...more })
    await create('Filter City', 100, { categoryId: bikes, stock: 5, tagIds: [sale] })
    await create('Filter Road', 200, { categoryId: road, stock: 0, tagIds: [sale, fresh] })
    await create('Filter Racer', 300, { categoryId: deep, stock: 9 })
    await create('Filter Café Cap', 50, { categoryId: clothing, stock: 2, tagIds: [fresh] })
    await create('Filter Euro', 300, { price: { amount: 300, currency: 'EUR' } })
  })

  const found = async (input: ListInput) =>
    namesOf((await list({ name: { contains: 'filter' }, ...input })).items).map((name) => name.slice(7))

  test('a category stands for all below it', async () => {
    expect(await found({ category: ids.bikes })).toEqual(['City', 'Racer', 'Road'])
    expect(await found({ category: ids.road })).toEqual(['Racer', 'Road'])
    expect(await found({ category: 'cat_01jd7m3x5sfa9v8k2cq4w6y8ze' })).toEqual([])
  })

  test('tags match any of those given, and only products that have them', async () => {
    expect(await found({ tags: { eq: ids.fresh } })).toEqual(['Café Cap', 'Road'])
    expect(await found({ tags: { in: [ids.sale, ids.fresh] } })).toEqual(['Café Cap', 'City', 'Road'])
    expect(await found({ tags: { eq: ids.sale, in: [ids.fresh] } })).toEqual(['Road'])
  })

  test('a price range holds at its bounds, in one currency if that is given', async () => {
    expect(await found({ price: { gte: 100, lte: 200 } })).toEqual(['City', 'Road'])
    expect(await found({ price: { eq: 300 } })).toEqual(['Euro', 'Racer'])
    expect(await found({ price: { eq: 300 }, currency: 'EUR' })).toEqual(['Euro'])
    expect(await found({ price: { gte: Number.MAX_SAFE_INTEGER } })).toEqual([])
  })

  test('stock and SKU are filtered by their operators', async () => {
    expect(await found({ stock: { gte: 5 } })).toEqual(['City', 'Racer'])
    expect(await found({ stock: { gte: Number.MAX_SAFE_INTEGER } })).toEqual([])
    expect(await found({ sku: { in: ['F-Filter City', 'F-Filter Road', 'no'] } })).toEqual(['City', 'Road'])
    expect(await found({ sku: { eq: 'F-Filter Café Cap' } })).toEqual(['Café Cap'])
  })

  test('names match by words and their beginnings, case and accents ignored, signs harmless', async () => {
    expect(await found({ name: { contains: 'CAFE filt' } })).toEqual(['Café Cap'])
    for (const contains of ['%', `'); drop table products; --`, '"*', 'ilter'])
      expect(await found({ name: { contains } })).toEqual([])
  })

  test('filters given together must all hold', async () => {
    const both: ListInput = {
      category: ids.bikes,
      tags: { eq: ids.sale },
      price: { lte: 150 },
      stock: { gte: 1 },
    }
    expect(await found(both)).toEqual(['City'])
    expect(await found({ ...both, currency: 'EUR' })).toEqual([])
  })

  test('over REST operators stand in brackets, and an undeclared field or operator is refused', async () => {
    const names = async (query: string) => {
      const { status, body } = await app.rest('GET', `/api/v1/products?${query}`)
      return status === 200 ? namesOf((body as { items: Product[] }).items) : status
    }
    expect(await names('name[contains]=filter&price[gte]=200&currency=USD&sort=-price')).toEqual([
      'Filter Racer',
      'Filter Road',
    ])
    for (const query of ['colour=red', 'price[like]=1', 'sort=description', 'include=reviews', 'limit=101'])
      expect(await names(query)).toBe(422)
  })
})

describe('order', () => {
  const value = (product: Product, name: SortName): string | number => {
    const field = name.replace('-', '')
    if (field === 'name') return foldText(product.name)
    if (field === 'price') return product.price.amount
    return product[field as 'stock' | 'popularity' | 'createdAt']
  }

  const compare = (names: readonly SortName[]) => (a: Product, b: Product) => {
    for (const name of names) {
      const [left, right] = [value(a, name), value(b, name)]
      if (left !== right) return left < right === !name.startsWith('-') ? -1 : 1
    }
    const ascending = !names.at(-1)?.startsWith('-')
    return a.id < b.id === ascending ? -1 : 1
  }

  test('any combination of fields gives the order of sorting in memory, over pages of any size', async () => {
    const words = ['Alpha', 'alpha', 'Ålpha', 'beta 2', 'Beta-10', '~', 'Zeta']
    const random = (count: number, seed: number) =>
      fc.sample(
        fc.record({
          name: fc.constantFrom(...words),
          price_amount: fc.constantFrom(0, 1, 99, 2 ** 40),
          stock: fc.nat(2),
          popularity: fc.nat(2),
        }),
        { numRuns: count, seed },
      )
    await storeProducts(app.db.as(), random(60, 7))
    const all = await readAll({ limit: 100 })
    const sorts = fc.uniqueArray(fc.constantFrom(...sortNames), {
      minLength: 1,
      maxLength: 3,
      selector: (name) => name.replace('-', ''),
    })
    await fc.assert(
      fc.asyncProperty(sorts, fc.integer({ min: 7, max: 100 }), async (sort, limit) => {
        const expected = all.toSorted(compare(sort)).map(({ id }) => id)
        expect((await readAll({ sort, limit })).map(({ id }) => id)).toEqual(expected)
      }),
      { numRuns: 25 },
    )
  })

  test('a field that is named twice counts once', async () => {
    const once = await list({ sort: ['price'], limit: 100 })
    expect(await list({ sort: ['price', '-price'], limit: 100 })).toEqual(once)
  })
})

describe('paging', () => {
  test('no product is shown twice or left out while others are inserted before and behind', async () => {
    const kept = await storeProducts(
      app.db.as(),
      Array.from({ length: 30 }, (_, at) => ({ name: `paging ${at}`, price_amount: 500 + at })),
    )
    let made = 0
    const insert = () => {
      made += 1
      return storeProducts(app.db.as(), [
        { name: 'paging early', price_amount: 1 },
        { name: 'paging late', price_amount: 900 + made },
        { name: 'paging same', price_amount: 500 + made },
      ])
    }
    const input: ListInput = { name: { contains: 'paging' }, sort: ['price'], limit: 7 }
    const seen = (await readAll({ ...input, price: { lte: 800 } }, insert)).map(({ id }) => id)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => kept.includes(id))).toEqual(kept)
  })

  test('a page never holds more than asked for, and the last one has no cursor', async () => {
    expect((await list({ limit: 3 })).items).toHaveLength(3)
    const last = await list({ name: { contains: 'paging 1' }, limit: 100 })
    expect(last.nextCursor).toBeNull()
  })

  test('a cursor of another order, or one that was tampered with, is refused by name', async () => {
    const { nextCursor } = await list({ sort: ['price'], limit: 1 })
    const cursor = nextCursor ?? ''
    const forged = (...values: unknown[]) =>
      Buffer.from(JSON.stringify(['price_amount asc,id asc', ...values])).toString('base64url')
    await expect(list({ sort: ['-price'], cursor })).rejects.toMatchObject(invalidCursor)
    await expect(list({ sort: ['name'], cursor })).rejects.toMatchObject(invalidCursor)
    for (const bad of [
      'nonsense',
      forged('abc', 'x'),
      forged(1.5, 'x'),
      forged(2 ** 70, 'x'),
      forged(1, 2),
      forged(1),
    ])
      await expect(list({ sort: ['price'], cursor: bad })).rejects.toMatchObject(invalidCursor)
    const moment = Buffer.from(JSON.stringify(['created_at asc,id asc', 'not a moment', 'x'])).toString(
      'base64url',
    )
    await expect(list({ sort: ['createdAt'], cursor: moment })).rejects.toMatchObject(invalidCursor)
  })
})

test('a name whose letters fold to whole phrases can be paged past', async () => {
  const { client } = await app.as('manager')
  const name = '\u{fdfa}'.repeat(120)
  for (const sku of ['LONG-1', 'LONG-2', 'LONG-3'])
    await client.commerce.products.create.mutate({ name, sku, price: usd(1) })
  const found = new Set<string | null>()
  let cursor: string | undefined
  do {
    const page = await app.client.commerce.products.list.query({
      limit: 1,
      sort: ['-name'],
      sku: { in: ['LONG-1', 'LONG-2', 'LONG-3'] },
      ...(cursor !== undefined && { cursor }),
    })
    for (const { sku } of page.items) found.add(sku)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(found).toEqual(new Set(['LONG-1', 'LONG-2', 'LONG-3']))
})
