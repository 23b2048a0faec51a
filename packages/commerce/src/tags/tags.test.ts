import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { usd } from '../test-data.ts'

let app: TestApp
let admin: TestActor
beforeAll(async () => {
  app = await testApp()
  admin = await app.as('admin')
})
afterAll(() => app[Symbol.asyncDispose]())

const failure = (code: string) => ({ data: { code } })

test('a tag is read by id and by slug as it was made, the slug made from its name', async () => {
  const { client } = admin
  const made = await client.commerce.tags.create.mutate({ name: 'Été & Soleil' })
  expect(made).toMatchObject({ slug: 'ete-soleil', name: 'Été & Soleil' })
  expect(await app.client.commerce.tags.get.query({ id: made.id })).toEqual(made)
  expect(await app.client.commerce.tags.getBySlug.query({ slug: 'ete-soleil' })).toEqual(made)
})

test('a slug that is taken is refused when given and numbered when made', async () => {
  const { tags } = admin.client.commerce
  await tags.create.mutate({ name: 'Sale' })
  await expect(tags.create.mutate({ name: 'Other', slug: 'sale' })).rejects.toMatchObject(
    failure('SLUG_TAKEN'),
  )
  expect(await tags.create.mutate({ name: 'sale' })).toMatchObject({ slug: 'sale-2' })
  const third = await tags.create.mutate({ name: 'Third' })
  const taken = tags.update.mutate({ id: third.id, slug: 'sale' })
  await expect(taken).rejects.toMatchObject(failure('SLUG_TAKEN'))
})

test('a change touches only the fields given', async () => {
  const { tags } = admin.client.commerce
  const made = await tags.create.mutate({ name: 'Before', slug: 'kept-slug' })
  app.clock.advance(1000)
  const changed = await tags.update.mutate({ id: made.id, name: 'After' })
  expect(changed).toEqual({ ...made, name: 'After', updatedAt: app.clock.now().toISOString() })
})

test('products lose a tag that is deleted', async () => {
  const { tags, products } = admin.client.commerce
  const [gone, kept] = [
    await tags.create.mutate({ name: 'Gone' }),
    await tags.create.mutate({ name: 'Kept' }),
  ]
  const product = await products.create.mutate({ name: 'Marked', price: usd(1), tagIds: [gone.id, kept.id] })
  expect(await tags.delete.mutate({ id: gone.id })).toMatchObject({ id: gone.id })
  await expect(tags.get.query({ id: gone.id })).rejects.toMatchObject(failure('NOT_FOUND'))
  const read = await app.client.commerce.products.get.query({ id: product.id, include: ['tags'] })
  expect(read.tags).toEqual([kept])
})

test('the list is sorted by name without regard to case and accents, and paged', async () => {
  await using other = await testApp()
  const { tags } = (await other.as('manager')).client.commerce
  for (const name of ['zebra', 'Éclair', 'apple', 'eclipse', 'Banana']) await tags.create.mutate({ name })
  const names: string[] = []
  let cursor: string | undefined
  do {
    const page = await other.client.commerce.tags.list.query({ limit: 2, ...(cursor && { cursor }) })
    names.push(...page.items.map(({ name }) => name))
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(names).toEqual(['apple', 'Banana', 'Éclair', 'eclipse', 'zebra'])
})

test('a tag that does not exist is not found by any of its procedures', async () => {
  const { tags } = admin.client.commerce
  const id = 'tag_01jd7m3x5sfa9v8k2cq4w6y8ze'
  for (const call of [
    () => tags.get.query({ id }),
    () => tags.update.mutate({ id, name: 'x' }),
    () => tags.delete.mutate({ id }),
  ])
    await expect(call()).rejects.toMatchObject(failure('NOT_FOUND'))
})
