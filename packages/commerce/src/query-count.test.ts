import { type Client, type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { usd } from './test-data.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp({ env: { PLINTH_CACHE_ON: 'false' } })
  const { client } = await app.as('admin')
  for (let at = 0; at < 6; at += 1) await fill(client, at)
})
afterAll(() => app[Symbol.asyncDispose]())

const fill = async ({ commerce }: Client, at: number) => {
  const category = await commerce.categories.create.mutate({ name: `Category ${at}` })
  const tags = await Promise.all(
    ['a', 'b', 'c'].map((word) => commerce.tags.create.mutate({ name: `${word} ${at}` })),
  )
  for (const name of ['One', 'Two', 'Three', 'Four'])
    await commerce.products.create.mutate({
      name: `${name} ${at}`,
      price: usd(at),
      categoryId: category.id,
      tagIds: tags.map(({ id }) => id),
    })
}

const statementsOf = async (work: () => Promise<unknown>) => {
  app.db.resetCosts()
  await work()
  return app.db.slowest(500).reduce((sum, { calls }) => sum + calls, 0)
}

const include = ['category' as const, 'tags' as const]
const shop = () => app.client.commerce

test.each([
  ['a plain list', 1, (limit: number) => shop().products.list.query({ limit })],
  ['a list with related data', 3, (limit: number) => shop().products.list.query({ limit, include })],
  [
    'a search with related data, which is counted first, twice',
    5,
    (limit: number) => shop().products.search.query({ q: 'o', limit, include }),
  ],
  ['categories', 1, (limit: number) => shop().categories.list.query({ limit })],
  ['tags', 1, (limit: number) => shop().tags.list.query({ limit })],
])('%s takes %i statements, however many rows it answers', async (_, expected, work) => {
  expect(await statementsOf(() => work(2))).toBe(expected)
  expect(await statementsOf(() => work(20))).toBe(expected)
})

test('one product takes one statement, and one more for each kind of related data', async () => {
  const [first] = (await shop().products.list.query({ limit: 1 })).items
  const { id = '', slug = '' } = first ?? {}
  expect(await statementsOf(() => shop().products.get.query({ id }))).toBe(1)
  expect(await statementsOf(() => shop().products.getBySlug.query({ slug, include }))).toBe(3)
})
