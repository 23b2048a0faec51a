import { contract } from '@plinth/contract'
import { foldName, foldText } from '@plinth/db'
import { changed, made } from '@plinth/kit'
import { holdCategory } from '../categories/queries.ts'
import { implement } from '../implement.ts'
import { holdTags } from '../tags/queries.ts'
import { listProducts } from './list.ts'
import { oneWithRelated, productById, productBySlug, withRelated } from './queries.ts'
import { searchProducts } from './search.ts'
import { addTags, dropTags, keepTags } from './tags.ts'
import { changeProduct, insertProduct } from './write.ts'

const WITH_TAGS = ['tags'] as const

/** Products: what the shop sells. A deleted one is gone for everybody; its slug and SKU are free again. */
export const products = implement(
  contract.commerce.products,
  {
    async list({ input: { limit, cursor, include, sort, ...filters }, ctx }) {
      const { items, nextCursor } = await listProducts(ctx.db, filters, sort, { limit, cursor })
      return { items: await withRelated(ctx.db, items, include), nextCursor }
    },

    async search({ input: { limit, cursor, include, q, ...filters }, ctx }) {
      const { items, nextCursor } = await searchProducts(ctx.db, q, filters, { limit, cursor })
      return { items: await withRelated(ctx.db, items, include), nextCursor }
    },

    async get({ input: { id, include }, ctx, fail }) {
      const row = (await productById.first(ctx.db, { id })) ?? fail('NOT_FOUND')
      return oneWithRelated(ctx.db, row, include)
    },

    async getBySlug({ input: { slug, include }, ctx, fail }) {
      const row = (await productBySlug.first(ctx.db, { slug })) ?? fail('NOT_FOUND')
      return oneWithRelated(ctx.db, row, include)
    },

    async create({ input: { tagIds, ...input }, ctx, fail }) {
      if (input.categoryId !== null && !(await holdCategory(ctx.db, input.categoryId)))
        fail('CATEGORY_UNKNOWN')
      if (!(await holdTags(ctx.db, tagIds))) fail('TAG_UNKNOWN')
      const written = made(ctx)
      const row = await insertProduct(ctx.db, ctx.newId('prd'), input, written)
      await addTags(ctx.db, row.id, tagIds, written)
      return oneWithRelated(ctx.db, row, WITH_TAGS)
    },

    async update({ input: { id, price, categoryId, tagIds, ...fields }, ctx, fail }) {
      if (typeof categoryId === 'string' && !(await holdCategory(ctx.db, categoryId)))
        fail('CATEGORY_UNKNOWN')
      if (tagIds && !(await holdTags(ctx.db, tagIds))) fail('TAG_UNKNOWN')
      const values = {
        ...fields,
        folded_name: fields.name === undefined ? undefined : foldName(fields.name),
        folded_description: fields.description === undefined ? undefined : foldText(fields.description),
        price_amount: price?.amount,
        price_currency: price?.currency,
        category_id: categoryId,
        ...changed(ctx),
      }
      const row = (await changeProduct(ctx.db, id, values)) ?? fail('NOT_FOUND')
      if (tagIds) {
        await keepTags(ctx.db, id, tagIds)
        await addTags(ctx.db, id, tagIds, made(ctx))
      }
      return oneWithRelated(ctx.db, row, WITH_TAGS)
    },

    async delete({ input: { id }, ctx, fail }) {
      const deletedAt = ctx.now.toISOString()
      if (!(await changeProduct(ctx.db, id, { deleted_at: deletedAt, ...changed(ctx) }))) fail('NOT_FOUND')
      return { id, deletedAt }
    },

    async addTags({ input: { id, tagIds }, ctx, fail }) {
      if (!(await holdTags(ctx.db, tagIds))) fail('TAG_UNKNOWN')
      const row = (await changeProduct(ctx.db, id, changed(ctx))) ?? fail('NOT_FOUND')
      await addTags(ctx.db, id, tagIds, made(ctx))
      return oneWithRelated(ctx.db, row, WITH_TAGS)
    },

    async removeTags({ input: { id, tagIds }, ctx, fail }) {
      const row = (await changeProduct(ctx.db, id, changed(ctx))) ?? fail('NOT_FOUND')
      await dropTags(ctx.db, id, tagIds)
      return oneWithRelated(ctx.db, row, WITH_TAGS)
    },
  },
  { 'products.slug': 'SLUG_TAKEN', 'products.sku': 'SKU_TAKEN' },
)
