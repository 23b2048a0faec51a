import type { Contract } from '@plinth/contract'
import type { TestActor } from '../test-app.ts'
import type { Samples } from './sample.ts'
import type { World } from './world.ts'

type CommerceSamples = Samples<Contract['commerce'], World, TestActor>

const categories: CommerceSamples['categories'] = {
  list: {
    input: async (world) => {
      const { parentId } = await world.subcategory()
      return { limit: 5, ...(parentId !== null && { parentId }) }
    },
  },
  get: { input: async (world) => ({ id: (await world.category()).id }) },
  getBySlug: { input: async (world) => ({ slug: (await world.category()).slug }) },
  create: {
    input: async (world) => ({
      name: world.unique(),
      slug: world.unique().replace(' ', '-'),
      description: 'Two lines\nof text',
      parentId: (await world.category()).id,
    }),
  },
  update: {
    input: async (world) => ({
      id: (await world.category()).id,
      name: world.unique(),
      slug: world.unique().replace(' ', '-'),
      description: '',
      parentId: (await world.category()).id,
    }),
  },
  delete: { input: async (world) => ({ id: (await world.category()).id }) },
}

const tags: CommerceSamples['tags'] = {
  list: { input: () => ({ limit: 5 }) },
  get: { input: async (world) => ({ id: (await world.tag()).id }) },
  getBySlug: { input: async (world) => ({ slug: (await world.tag()).slug }) },
  create: { input: (world) => ({ name: world.unique(), slug: world.unique().replace(' ', '-') }) },
  update: {
    input: async (world) => ({
      id: (await world.tag()).id,
      name: world.unique(),
      slug: world.unique().replace(' ', '-'),
    }),
  },
  delete: { input: async (world) => ({ id: (await world.tag()).id }) },
}

const filters = async (world: World) => {
  const product = await world.product()
  return {
    limit: 5,
    include: ['category', 'tags'] as ('category' | 'tags')[],
    ...(product.categoryId !== null && { category: product.categoryId }),
    tags: { in: (product.tags ?? []).map(({ id }) => id) },
    price: { gte: 1, lte: 5000 },
    currency: 'EUR',
    stock: { gte: 1 },
  }
}

const fields = async (world: World) => ({
  name: world.unique(),
  slug: world.unique().replace(' ', '-'),
  sku: world.unique(),
  description: 'Two lines\nof text',
  price: { amount: 1999, currency: 'EUR' },
  stock: 3,
  categoryId: (await world.category()).id,
  tagIds: [(await world.tag()).id],
})

const products: CommerceSamples['products'] = {
  list: {
    input: async (world) => ({
      ...(await filters(world)),
      name: { contains: 'sample' },
      sku: { in: [String((await world.product()).sku), 'B-2'] },
      sort: ['-price', 'name'],
    }),
  },
  // Two words, which are looked for in more ways than one.
  search: { input: async (world) => ({ ...(await filters(world)), q: 'sample sam' }) },
  get: { input: async (world) => ({ id: (await world.product()).id, include: ['category', 'tags'] }) },
  getBySlug: { input: async (world) => ({ slug: (await world.product()).slug, include: ['tags'] }) },
  create: { input: fields },
  update: { input: async (world) => ({ id: (await world.product()).id, ...(await fields(world)) }) },
  delete: { input: async (world) => ({ id: (await world.product()).id }) },
  addTags: { input: async (world) => ({ id: (await world.product()).id, tagIds: [(await world.tag()).id] }) },
  removeTags: {
    async input(world) {
      const { id, tags: had = [] } = await world.product()
      return { id, tagIds: had.map((tag) => tag.id) }
    },
  },
}

/** How each procedure of the shop is called well. */
export const commerceSamples: CommerceSamples = { categories, tags, products }
