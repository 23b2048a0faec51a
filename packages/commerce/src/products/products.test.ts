import { type Client, type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CommerceDb } from '../db.ts'
import { usd } from '../test-data.ts'

let app: TestApp
let client: Client
let adminId: string
beforeAll(async () => {
  app = await testApp()
  const admin = await app.as('admin')
  client = admin.client
  adminId = admin.account.id
})
afterAll(() => app[Symbol.asyncDispose]())

const failure = (code: string) => ({ data: { code } })
const create = (name: string, more: object = {}) =>
  client.commerce.products.create.mutate({ name, price: usd(1000), ...more })
const get = (id: string) => app.client.commerce.products.get.query({ id })
const newTag = async (name: string) => (await client.commerce.tags.create.mutate({ name })).id
const UNKNOWN = '01jd7m3x5sfa9v8k2cq4w6y8ze'

test('a product is read by id and by slug as it was made, with what was left out filled in', async () => {
  const { tags, ...made } = await create('Mountain-200 Black, 38')
  expect(made).toMatchObject({
    slug: 'mountain-200-black-38',
    sku: null,
    description: '',
    price: usd(1000),
    stock: 0,
    popularity: 0,
    categoryId: null,
    createdAt: app.clock.now().toISOString(),
  })
  expect(tags).toEqual([])
  expect(await get(made.id)).toEqual(made)
  expect(await app.client.commerce.products.getBySlug.query({ slug: made.slug })).toEqual(made)
})

test('creating over REST answers 201 to an admin, 403 to a user, 401 to nobody, 422 to bad input', async () => {
  const admin = await app.as('admin')
  const user = await app.as('user')
  const body = { name: 'By REST', price: usd(5), stock: 3 }
  const post = (token?: string, sent: object = body) =>
    app.rest('POST', '/api/v1/products', { body: sent, ...(token && { token }) })
  expect((await post(admin.accessToken)).status).toBe(201)
  expect((await post(user.accessToken)).status).toBe(403)
  expect((await post()).status).toBe(401)
  expect((await post(admin.accessToken, { ...body, stock: -1 })).status).toBe(422)
  expect((await post(admin.accessToken, { ...body, createdBy: 'me' })).status).toBe(422)
})

test('related data comes only when it is asked for', async () => {
  const category = await client.commerce.categories.create.mutate({ name: 'Related' })
  const tag = await client.commerce.tags.create.mutate({ name: 'Related tag' })
  const { id } = await create('Related product', { categoryId: category.id, tagIds: [tag.id] })
  const plain = await get(id)
  expect(plain).not.toHaveProperty('category')
  expect(plain).not.toHaveProperty('tags')
  const full = await app.client.commerce.products.get.query({ id, include: ['category', 'tags'] })
  expect(full).toEqual({ ...plain, category, tags: [tag] })
  const { items } = await app.client.commerce.products.list.query({
    name: { contains: 'related' },
    include: ['tags'],
  })
  expect(items).toEqual([{ ...plain, tags: [tag] }])
})

test('a change touches only the fields given', async () => {
  const { tags: _, ...made } = await create('Changing', { sku: 'CH-1', description: 'old', stock: 4 })
  app.clock.advance(1000)
  const updatedAt = app.clock.now().toISOString()
  await client.commerce.products.update.mutate({ id: made.id, price: { amount: 7, currency: 'EUR' } })
  expect(await get(made.id)).toEqual({ ...made, price: { amount: 7, currency: 'EUR' }, updatedAt })
  await client.commerce.products.update.mutate({ id: made.id, sku: null, stock: 9, name: 'Changed' })
  const after = {
    ...made,
    price: { amount: 7, currency: 'EUR' },
    sku: null,
    stock: 9,
    name: 'Changed',
    updatedAt,
  }
  expect(await get(made.id)).toEqual(after)
})

test('a renamed product is found and sorted by its new name', async () => {
  const { id } = await create('Xylophone')
  await client.commerce.products.update.mutate({ id, name: 'Ukulele', description: 'four strings' })
  const find = async (q: string) =>
    (await app.client.commerce.products.search.query({ q })).items.map((item) => item.id)
  expect(await find('xylophone')).toEqual([])
  expect(await find('ukul')).toEqual([id])
  expect(await find('strings')).toEqual([id])
})

test('a deleted product is gone everywhere but kept in its table, and frees its slug and SKU', async () => {
  const { id } = await create('Vanishing', { sku: 'VAN-1' })
  expect(await client.commerce.products.delete.mutate({ id })).toEqual({
    id,
    deletedAt: app.clock.now().toISOString(),
  })
  const { products } = app.client.commerce
  await expect(get(id)).rejects.toMatchObject(failure('NOT_FOUND'))
  await expect(products.getBySlug.query({ slug: 'vanishing' })).rejects.toMatchObject(failure('NOT_FOUND'))
  expect((await products.list.query({ sku: { eq: 'VAN-1' } })).items).toEqual([])
  expect((await products.search.query({ q: 'vanishing' })).items).toEqual([])
  for (const again of [
    () => client.commerce.products.delete.mutate({ id }),
    () => client.commerce.products.update.mutate({ id, stock: 1 }),
  ])
    await expect(again()).rejects.toMatchObject(failure('NOT_FOUND'))
  const db = app.db.as<CommerceDb>().read
  expect(await db.selectFrom('products').select('name').where('id', '=', id).execute()).toEqual([
    { name: 'Vanishing' },
  ])
  expect(await create('Vanishing', { sku: 'VAN-1' })).toMatchObject({ slug: 'vanishing', sku: 'VAN-1' })
})

test('a slug or SKU of another product is refused by its own code', async () => {
  await create('First', { sku: 'TAKEN-1' })
  const { id } = await create('Second')
  const { products } = client.commerce
  await expect(create('Third', { slug: 'first' })).rejects.toMatchObject(failure('SLUG_TAKEN'))
  await expect(create('Third', { sku: 'TAKEN-1' })).rejects.toMatchObject(failure('SKU_TAKEN'))
  await expect(products.update.mutate({ id, slug: 'first' })).rejects.toMatchObject(failure('SLUG_TAKEN'))
  await expect(products.update.mutate({ id, sku: 'TAKEN-1' })).rejects.toMatchObject(failure('SKU_TAKEN'))
})

test('a category or tag that does not exist is refused by its own code, and nothing is stored', async () => {
  const { id } = await create('Referring')
  const { products } = client.commerce
  const category = { categoryId: `cat_${UNKNOWN}` }
  const tags = { tagIds: [await newTag('known'), `tag_${UNKNOWN}`] }
  await expect(create('Nothing', category)).rejects.toMatchObject(failure('CATEGORY_UNKNOWN'))
  await expect(create('Nothing', tags)).rejects.toMatchObject(failure('TAG_UNKNOWN'))
  await expect(products.update.mutate({ id, ...category })).rejects.toMatchObject(failure('CATEGORY_UNKNOWN'))
  await expect(products.update.mutate({ id, ...tags })).rejects.toMatchObject(failure('TAG_UNKNOWN'))
  await expect(products.addTags.mutate({ id, ...tags })).rejects.toMatchObject(failure('TAG_UNKNOWN'))
  expect((await products.list.query({ name: { contains: 'nothing' } })).items).toEqual([])
  expect((await products.get.query({ id, include: ['tags'] })).tags).toEqual([])
})

test('tags are added, replaced and removed, each at most once', async () => {
  const [a, b, c] = [await newTag('alpha'), await newTag('beta'), await newTag('gamma')]
  const { id } = await create('Tagged', { tagIds: [a, a] })
  const { products } = client.commerce
  const names = ({ tags }: { tags?: { name: string }[] }) => tags?.map(({ name }) => name)
  expect(names(await products.addTags.mutate({ id, tagIds: [b, a] }))).toEqual(['alpha', 'beta'])
  expect(names(await products.update.mutate({ id, tagIds: [c, b] }))).toEqual(['beta', 'gamma'])
  expect(names(await products.removeTags.mutate({ id, tagIds: [a, c] }))).toEqual(['beta'])
  expect(names(await products.update.mutate({ id, tagIds: [] }))).toEqual([])
})

test('products made at once under one name all get slugs of their own', async () => {
  const made = await Promise.all(Array.from({ length: 20 }, () => create('Rush Hour')))
  const slugs = made.map(({ slug }) => slug)
  expect(new Set(slugs).size).toBe(20)
  expect(slugs).toContain('rush-hour')
  expect(slugs.every((slug) => slug.startsWith('rush-hour'))).toBe(true)
})

test('tags that are deleted while products take them leave no mark behind', async () => {
  const { tags } = client.commerce
  for (let round = 0; round < 5; round += 1) {
    const id = await newTag(`fleeting ${round}`)
    const outcomes = await Promise.allSettled([
      create(`Fleeting ${round}`, { tagIds: [id] }),
      tags.delete.mutate({ id }),
      create(`Fleeting too ${round}`, { tagIds: [id] }),
    ])
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(failure('TAG_UNKNOWN'))
    const marks = app.db
      .as<CommerceDb>()
      .read.selectFrom('product_tags')
      .select('tag_id')
      .where('tag_id', '=', id)
    expect(await marks.execute()).toEqual([])
  }
})

test('rows tell who made and who changed them', async () => {
  const { id } = await create('Stamped', { tagIds: [await newTag('stamp')] })
  const manager = await app.as('manager')
  await manager.client.commerce.products.update.mutate({ id, stock: 2 })
  const db = app.db.as<CommerceDb>().read
  const product = await db
    .selectFrom('products')
    .select(['created_by', 'updated_by'])
    .where('id', '=', id)
    .execute()
  const mark = await db.selectFrom('product_tags').select('created_by').where('product_id', '=', id).execute()
  expect(product).toEqual([{ created_by: adminId, updated_by: manager.account.id }])
  expect(mark).toEqual([{ created_by: adminId }])
})
