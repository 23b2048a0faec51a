import { z } from 'zod'
import { conflict } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { containing, oneOf, range } from '../words/filters.ts'
import { Slug } from '../words/formats.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { Currency, MinorUnits, Money } from '../words/money.ts'
import { include, page, pageInput, sort } from '../words/page.ts'
import { line, prose } from '../words/text.ts'
import { Category, CategoryId } from './categories.ts'
import { Tag, TagId } from './tags.ts'

/** Id of a product, `prd_...`. */
const ProductId = id('prd')

/** A product as anybody sees it; category and tags are there when they were asked for with include. */
export const Product = z
  .object({
    id: ProductId,
    slug: z.string(),
    sku: z.string().nullable().describe('Stock keeping unit of the seller'),
    name: z.string(),
    description: z.string(),
    price: Money,
    stock: z.int().describe('Units on hand'),
    popularity: z.int().describe('Units sold so far; breaks ties in search'),
    categoryId: CategoryId.nullable(),
    createdAt: Moment,
    updatedAt: Moment,
    category: Category.nullable().optional(),
    tags: z.array(Tag).optional(),
  })
  .meta({ id: 'Product' })

export type Product = z.infer<typeof Product>

const exampleProduct: Product = {
  id: 'prd_01jd7m3x5sfa9v8k2cq4w6y8ze',
  slug: 'mountain-200-black-38',
  sku: 'BK-M68B-38',
  name: 'Mountain-200 Black, 38',
  description: 'Serious back-country riding. Perfect for all levels of competition.',
  price: { amount: 229499, currency: 'USD' },
  stock: 123,
  popularity: 0,
  categoryId: 'cat_01jd7m3x5sfa9v8k2cq4w6y8ze',
  createdAt: '2026-11-21T09:30:00.000Z',
  updatedAt: '2026-11-21T09:30:00.000Z',
}

const withRelated = { include: include('category', 'tags') }
const filters = {
  category: CategoryId.optional().describe('In this category or one below it'),
  tags: oneOf(TagId),
  price: range(MinorUnits).describe(
    'Bounds on the price in minor units; give currency too when the shop has several',
  ),
  currency: Currency.optional(),
  stock: range(z.int().min(0)),
}
const SLUG_TAKEN = conflict('Another product has this slug: choose another one.')
const SKU_TAKEN = conflict('Another product has this SKU: choose another one.')
const CATEGORY_UNKNOWN = conflict('This category does not exist: choose another one.')
const TAG_UNKNOWN = conflict('One of these tags does not exist: create it first.')
const fields = {
  name: line(200),
  slug: Slug,
  sku: line(60).nullable(),
  description: prose(10_000),
  price: Money,
  stock: z.int().min(0).max(1_000_000_000),
  categoryId: CategoryId.nullable(),
  tagIds: z.array(TagId).max(50).describe('Replaces all tags of the product'),
}

/** Products: what the shop sells. */
export const products = {
  /** List products by filter, in the order asked for */
  list: query({
    summary: 'List products by filter, in the order asked for',
    access: 'public',
    cache: { seconds: 30, tags: ['products'] },
    input: z.strictObject({
      ...pageInput,
      ...withRelated,
      ...filters,
      name: containing(),
      sku: oneOf(z.string().min(1).max(60)),
      sort: sort('name', 'price', 'stock', 'popularity', 'createdAt').default(['name']),
    }),
    output: page(Product),
    example: {
      input: { limit: 1, price: { gte: 1000 }, sort: ['-price'] },
      output: { items: [exampleProduct], nextCursor: null },
    },
  }),

  /** Search products by words in name and description, best match first */
  search: query({
    summary: 'Search products by words in name and description, best match first',
    rest: 'GET /products/search',
    access: 'public',
    cache: { seconds: 30, tags: ['products'] },
    input: z.strictObject({
      ...pageInput,
      ...withRelated,
      ...filters,
      q: z
        .string()
        .max(200)
        .default('')
        .describe('Words or their beginnings, all of which must be found; empty lists all by popularity'),
    }),
    output: page(Product),
    example: { input: { q: 'mountain black' }, output: { items: [exampleProduct], nextCursor: null } },
  }),

  /** Read a product */
  get: query({
    summary: 'Read a product',
    access: 'public',
    cache: { seconds: 30, tags: ['products'] },
    input: z.strictObject({ id: ProductId, ...withRelated }),
    output: Product,
    example: { input: { id: exampleProduct.id }, output: exampleProduct },
  }),

  /** Read a product by its slug */
  getBySlug: query({
    summary: 'Read a product by its slug',
    rest: 'GET /products/by-slug/{slug}',
    access: 'public',
    cache: { seconds: 30, tags: ['products'] },
    input: z.strictObject({ slug: Slug, ...withRelated }),
    output: Product,
    example: { input: { slug: exampleProduct.slug }, output: exampleProduct },
  }),

  /** Create a product */
  create: mutation({
    summary: 'Create a product',
    access: 'products:write',
    invalidates: ['products'],
    input: z.strictObject({
      name: fields.name,
      slug: Slug.optional().describe('Left out: made from the name'),
      sku: fields.sku.default(null),
      description: fields.description.default(''),
      price: fields.price,
      stock: fields.stock.default(0),
      categoryId: fields.categoryId.default(null),
      tagIds: fields.tagIds.default([]),
    }),
    output: Product,
    errors: { SLUG_TAKEN, SKU_TAKEN, CATEGORY_UNKNOWN, TAG_UNKNOWN },
    example: {
      input: { name: 'Mountain-200 Black, 38', price: { amount: 229499, currency: 'USD' }, stock: 123 },
      output: exampleProduct,
    },
  }),

  /** Change a product; only the fields given change */
  update: mutation({
    summary: 'Change a product; only the fields given change',
    access: 'products:write',
    invalidates: ['products'],
    input: z.strictObject({ id: ProductId, ...z.object(fields).partial().shape }),
    output: Product,
    errors: { SLUG_TAKEN, SKU_TAKEN, CATEGORY_UNKNOWN, TAG_UNKNOWN },
    example: {
      input: { id: exampleProduct.id, price: { amount: 229499, currency: 'USD' } },
      output: exampleProduct,
    },
  }),

  /** Take a product out of the shop; past orders keep it */
  delete: mutation({
    summary: 'Take a product out of the shop; past orders keep it',
    access: 'products:write',
    invalidates: ['products'],
    input: z.strictObject({ id: ProductId }),
    output: z.object({ id: ProductId, deletedAt: Moment }),
    example: {
      input: { id: exampleProduct.id },
      output: { id: exampleProduct.id, deletedAt: '2026-11-21T10:00:00.000Z' },
    },
  }),

  /** Mark a product with more tags; those it has already stay */
  addTags: mutation({
    summary: 'Mark a product with more tags; those it has already stay',
    rest: 'POST /products/{id}/tags',
    access: 'products:write',
    invalidates: ['products'],
    input: z.strictObject({ id: ProductId, tagIds: z.array(TagId).min(1).max(50) }),
    output: Product,
    errors: { TAG_UNKNOWN },
    example: {
      input: { id: exampleProduct.id, tagIds: ['tag_01jd7m3x5sfa9v8k2cq4w6y8ze'] },
      output: { ...exampleProduct, tags: [] },
    },
  }),

  /** Take tags from a product; those it does not have are passed over */
  removeTags: mutation({
    summary: 'Take tags from a product; those it does not have are passed over',
    rest: 'DELETE /products/{id}/tags',
    access: 'products:write',
    invalidates: ['products'],
    input: z.strictObject({ id: ProductId, tagIds: z.array(TagId).min(1).max(50) }),
    output: Product,
    example: {
      input: { id: exampleProduct.id, tagIds: ['tag_01jd7m3x5sfa9v8k2cq4w6y8ze'] },
      output: { ...exampleProduct, tags: [] },
    },
  }),
}
