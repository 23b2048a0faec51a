import { type Client, type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { storeProducts, usd } from '../test-data.ts'

let app: TestApp
let admin: Client
beforeAll(async () => {
  app = await testApp({ env: { PLINTH_CACHE_ON: 'false' } })
  admin = (await app.as('admin')).client
})
afterAll(() => app[Symbol.asyncDispose]())

type SearchInput = NonNullable<Parameters<Client['commerce']['products']['search']['query']>[0]>

const search = (input: SearchInput) => app.client.commerce.products.search.query(input)
const find = async (q: string, more: SearchInput = {}) =>
  (await search({ q, ...more })).items.map(({ name }) => name)

test('an exact name comes before a beginning, all words in the name, and the description', async () => {
  await storeProducts(app.db.as(), [
    { name: 'Trail guide', description: 'Where the mountain meets the lamp', popularity: 900 },
    { name: 'Lamp for mountain huts', popularity: 800 },
    { name: 'Mountain Lamp Deluxe', popularity: 1 },
    { name: 'mountain-lamp', popularity: 0 },
    { name: 'Mountain boots', description: 'Without a light' },
  ])
  expect(await find('Mountain Lamp')).toEqual([
    'mountain-lamp',
    'Mountain Lamp Deluxe',
    'Lamp for mountain huts',
    'Trail guide',
  ])
})

test('equal matches are ordered by popularity, then the newer first', async () => {
  const [older, newer] = await storeProducts(app.db.as(), [
    { name: 'Kettle one', popularity: 5 },
    { name: 'Kettle two', popularity: 5 },
    { name: 'Kettle three', popularity: 6 },
  ])
  const { items } = await search({ q: 'kettle' })
  expect(items.map(({ name }) => name)[0]).toBe('Kettle three')
  expect(items.slice(1).map(({ id }) => id)).toEqual([newer, older])
})

test('words and their beginnings are found without regard to case and accents', async () => {
  await storeProducts(app.db.as(), [
    { name: 'Crème Brûlée Set', description: 'Six ramekins and a STRASSE torch' },
    { name: 'Łódź poster' },
  ])
  for (const q of ['creme brulee', 'CRÈ', 'brul ramek', 'straße', 'SET crème'])
    expect(await find(q)).toEqual(['Crème Brûlée Set'])
  expect(await find('lodz')).toEqual(['Łódź poster'])
  expect(await find('reme')).toEqual([])
  expect(await find('creme poster')).toEqual([])
})

test.each([
  '"',
  `'`,
  '*',
  '% _',
  '(AND OR NOT)',
  'NEAR/3 (',
  '\\',
  ':&|!',
  '-- ;',
  '\u0000',
  '👩🏽‍🚀',
  '<script>',
])('signs are harmless: %j', async (q) => {
  await expect(search({ q })).resolves.toMatchObject({ nextCursor: null })
  await expect(search({ q: `creme ${q}` })).resolves.toBeDefined()
})

test('an empty text lists all by popularity, signs alone find nothing', async () => {
  await using other = await testApp()
  await storeProducts(other.db.as(), [
    { name: 'cold', popularity: 1 },
    { name: 'hot', popularity: 9 },
    { name: 'warm', popularity: 5 },
  ])
  for (const q of ['', '   ']) {
    const { items } = await other.client.commerce.products.search.query({ q })
    expect(items.map(({ name }) => name)).toEqual(['hot', 'warm', 'cold'])
  }
  expect((await other.client.commerce.products.search.query({ q: '!?' })).items).toEqual([])
  const { body } = await other.rest('GET', '/api/v1/products/search')
  expect(body).toMatchObject({ items: [{ name: 'hot' }, { name: 'warm' }, { name: 'cold' }] })
})

test('filters narrow a search in any combination', async () => {
  const { categories, tags, products } = admin.commerce
  const top = (await categories.create.mutate({ name: 'Tents' })).id
  const below = (await categories.create.mutate({ name: 'Small tents', parentId: top })).id
  const tag = (await tags.create.mutate({ name: 'Light' })).id
  const create = (name: string, amount: number, more: object) =>
    products.create.mutate({ name, price: usd(amount), ...more })
  await create('Tent A', 100, { categoryId: top })
  await create('Tent B', 200, { categoryId: below, tagIds: [tag] })
  await create('Tent C', 300, { tagIds: [tag] })
  const sorted = async (more: SearchInput) => (await find('tent', more)).sort()
  expect(await sorted({})).toEqual(['Tent A', 'Tent B', 'Tent C'])
  expect(await sorted({ category: top })).toEqual(['Tent A', 'Tent B'])
  expect(await sorted({ tags: { eq: tag } })).toEqual(['Tent B', 'Tent C'])
  expect(await sorted({ price: { gte: 150 }, tags: { eq: tag }, category: top })).toEqual(['Tent B'])
  expect(await sorted({ price: { lte: 250 }, currency: 'USD' })).toEqual(['Tent A', 'Tent B'])
  expect(await sorted({ currency: 'EUR' })).toEqual([])
})

test('pages follow each other in the order of relevance without gaps, though products are added', async () => {
  const text = (at: number) =>
    at % 3 === 0 ? { name: `Lantern ${at}` } : { name: `No ${at}`, description: 'lantern' }
  await storeProducts(
    app.db.as(),
    Array.from({ length: 23 }, (_, at) => ({ ...text(at), popularity: at % 4 })),
  )
  const expected = (await search({ q: 'lantern', limit: 100 })).items.map(({ id }) => id)
  expect(expected).toHaveLength(23)
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await search({ q: 'lantern', limit: 4, ...(cursor && { cursor }) })
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor ?? undefined
    await storeProducts(app.db.as(), [{ name: 'Lantern', popularity: 99 }])
  } while (cursor)
  expect(seen).toEqual(expected)
})

test('a cursor of a list, or one that was tampered with, is refused by name', async () => {
  const invalid = { data: { code: 'INVALID_INPUT', errors: [expect.objectContaining({ path: 'cursor' })] } }
  const { nextCursor } = await search({ q: '', limit: 1 })
  await expect(search({ q: 'lantern', cursor: nextCursor ?? '' })).rejects.toMatchObject(invalid)
  const forged = JSON.stringify(['relevance desc,popularity desc,id desc', 'high', 1, 'x'])
  const cursor = Buffer.from(forged).toString('base64url')
  await expect(search({ q: 'lantern', cursor })).rejects.toMatchObject(invalid)
})
