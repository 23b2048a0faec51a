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
const create = (name: string, parentId: string | null = null) =>
  client.commerce.categories.create.mutate({ name, parentId })
const move = (id: string, parentId: string | null) =>
  client.commerce.categories.update.mutate({ id, parentId })
const UNKNOWN = 'cat_01jd7m3x5sfa9v8k2cq4w6y8ze'

/** A chain of categories, each below the one before. */
const chain = async (...names: string[]) => {
  const ids: string[] = []
  for (const name of names) ids.push((await create(name, ids.at(-1) ?? null)).id)
  return ids
}

test('a category is read by id and by slug as it was made', async () => {
  const made = await client.commerce.categories.create.mutate({ name: 'Vélos', description: 'Two wheels' })
  expect(made).toMatchObject({ slug: 'velos', name: 'Vélos', description: 'Two wheels', parentId: null })
  expect(await app.client.commerce.categories.get.query({ id: made.id })).toEqual(made)
  expect(await app.client.commerce.categories.getBySlug.query({ slug: 'velos' })).toEqual(made)
})

test('a change touches only the fields given', async () => {
  const [top, made] = [await create('Top'), await create('Kept')]
  app.clock.advance(1000)
  const moved = await move(made.id, top.id)
  expect(moved).toEqual({ ...made, parentId: top.id, updatedAt: app.clock.now().toISOString() })
  expect(await move(made.id, null)).toMatchObject({ parentId: null, name: 'Kept', slug: 'kept' })
})

test('the list shows all, the top, or those directly below one, by name', async () => {
  await using other = await testApp()
  const { categories } = (await other.as('manager')).client.commerce
  const b = await categories.create.mutate({ name: 'b' })
  await categories.create.mutate({ name: 'Á' })
  await categories.create.mutate({ name: 'Z below', parentId: b.id })
  const c = await categories.create.mutate({ name: 'C below', parentId: b.id })
  await categories.create.mutate({ name: 'deep', parentId: c.id })
  const names = async (input: { top?: boolean; parentId?: string }) =>
    (await other.client.commerce.categories.list.query(input)).items.map(({ name }) => name)
  expect(await names({})).toEqual(['Á', 'b', 'C below', 'deep', 'Z below'])
  expect(await names({ top: true })).toEqual(['Á', 'b'])
  expect(await names({ parentId: b.id })).toEqual(['C below', 'Z below'])
})

test('a parent that does not exist or was deleted is refused', async () => {
  const gone = await create('Gone parent')
  await client.commerce.categories.delete.mutate({ id: gone.id })
  const { id } = await create('Orphan')
  for (const parent of [UNKNOWN, gone.id]) {
    await expect(create('Nowhere', parent)).rejects.toMatchObject(failure('PARENT_UNKNOWN'))
    await expect(move(id, parent)).rejects.toMatchObject(failure('PARENT_UNKNOWN'))
  }
})

test('a category is never put below itself, directly or further down', async () => {
  const [a = '', b = '', c = ''] = await chain('cycle a', 'cycle b', 'cycle c')
  for (const parent of [a, b, c])
    await expect(move(a, parent)).rejects.toMatchObject(failure('CATEGORY_CYCLE'))
  expect((await move(c, a)).parentId).toBe(a)
  expect((await move(b, c)).parentId).toBe(c)
})

test('of moves that together would close a circle one at least is refused', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [a = '', a2 = ''] = await chain(`left ${round}`, `left below ${round}`)
    const [b = '', b2 = ''] = await chain(`right ${round}`, `right below ${round}`)
    const [c = '', c2 = ''] = await chain(`third ${round}`, `third below ${round}`)
    const moves = await Promise.allSettled([move(a, b2), move(b, c2), move(c, a2)])
    expect(moves.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    for (const outcome of moves)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(failure('CATEGORY_CYCLE'))
  }
})

test('a category with something below it is kept, an empty one goes and frees its slug', async () => {
  const [parent = '', child = ''] = await chain('Full', 'Inside')
  const deletion = client.commerce.categories.delete.mutate({ id: parent })
  await expect(deletion).rejects.toMatchObject(failure('CATEGORY_NOT_EMPTY'))
  expect((await app.client.commerce.categories.get.query({ id: parent })).slug).toBe('full')
  for (const id of [child, parent])
    expect(await client.commerce.categories.delete.mutate({ id })).toMatchObject({ id })
  await expect(app.client.commerce.categories.get.query({ id: parent })).rejects.toMatchObject(
    failure('NOT_FOUND'),
  )
  expect((await create('Full')).slug).toBe('full')
})

test('products stay without a category when theirs is deleted', async () => {
  const { id } = await create('Leaving')
  const product = await client.commerce.products.create.mutate({
    name: 'Stays',
    price: usd(5),
    categoryId: id,
  })
  await client.commerce.categories.delete.mutate({ id })
  const read = await app.client.commerce.products.get.query({ id: product.id, include: ['category'] })
  expect(read).toMatchObject({ categoryId: null, category: null })
})

test('a category that is deleted while products enter it leaves none of them behind', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { id } = await create(`Racing ${round}`)
    const [, ...entries] = await Promise.allSettled([
      client.commerce.categories.delete.mutate({ id }),
      ...Array.from({ length: 4 }, (_, at) =>
        client.commerce.products.create.mutate({ name: `Racer ${at}`, price: usd(1), categoryId: id }),
      ),
    ])
    for (const entry of entries) {
      if (entry.status === 'rejected') expect(entry.reason).toMatchObject(failure('CATEGORY_UNKNOWN'))
      else {
        const read = await app.client.commerce.products.get.query({ id: entry.value.id })
        expect(read.categoryId).toBeNull()
      }
    }
  }
})

test('a slug that is taken is refused when given and numbered when made', async () => {
  await create('Taken')
  const given = client.commerce.categories.create.mutate({ name: 'Other', slug: 'taken' })
  await expect(given).rejects.toMatchObject(failure('SLUG_TAKEN'))
  expect((await create('TAKEN!')).slug).toBe('taken-2')
})

test('rows tell who made and who changed them', async () => {
  const { id } = await create('Stamped')
  const manager = await app.as('manager')
  await manager.client.commerce.categories.update.mutate({ id, name: 'Restamped' })
  const rows = await app.db
    .as<CommerceDb>()
    .read.selectFrom('categories')
    .select(['created_by', 'updated_by'])
    .where('id', '=', id)
    .execute()
  expect(rows).toEqual([{ created_by: adminId, updated_by: manager.account.id }])
})
