import { contract } from '@plinth/contract'
import { foldName } from '@plinth/db'
import { changed, made } from '@plinth/kit'
import { implement } from '../implement.ts'
import { insertWithSlug, slugOf } from '../slugs.ts'
import {
  categoryById,
  categoryBySlug,
  categoryColumns,
  holdCategory,
  holdPlace,
  listCategories,
  toCategory,
} from './queries.ts'
import { categoryRow } from './rules.ts'

/** Categories: a tree that products belong to. A deleted one is gone for everybody; its slug is free again. */
export const categories = implement(
  contract.commerce.categories,
  {
    async list({ input: { parentId, top, ...page }, ctx }) {
      const { items, nextCursor } = await listCategories(ctx.db, { parentId, top }, page)
      return { items: items.map(toCategory), nextCursor }
    },

    async get({ input, ctx, fail }) {
      return toCategory((await categoryById.first(ctx.db, input)) ?? fail('NOT_FOUND'))
    },

    async getBySlug({ input, ctx, fail }) {
      return toCategory((await categoryBySlug.first(ctx.db, input)) ?? fail('NOT_FOUND'))
    },

    async create({ input, ctx, fail }) {
      const { name, description, parentId } = input
      if (parentId !== null && !(await holdCategory(ctx.db, parentId))) fail('PARENT_UNKNOWN')
      const id = ctx.newId('cat')
      const insert = (slug: string) => {
        const row = categoryRow({ id, slug, name, description, parent_id: parentId }, made(ctx))
        return ctx.db.insertInto('categories').values(row).returning(categoryColumns)
      }
      if (input.slug !== undefined) return toCategory(await insert(input.slug).executeTakeFirstOrThrow())
      const created = await insertWithSlug(slugOf(name, 'category'), id, {
        async taken(slugs) {
          const rows = await ctx.db
            .selectFrom('categories')
            .select('slug')
            .where('slug', 'in', slugs)
            .where('deleted_at', 'is', null)
            .execute()
          return rows.map(({ slug }) => slug)
        },
        insert: (slug) =>
          insert(slug)
            .onConflict((conflict) => conflict.column('slug').where('deleted_at', 'is', null).doNothing())
            .executeTakeFirst(),
      })
      return toCategory(created)
    },

    async update({ input: { id, parentId, ...fields }, ctx, fail }) {
      if (typeof parentId === 'string') {
        if (!(await holdPlace(ctx.db, id, parentId))) fail('CATEGORY_CYCLE')
        if (!(await holdCategory(ctx.db, parentId))) fail('PARENT_UNKNOWN')
      }
      const row = await ctx.db
        .updateTable('categories')
        .set({
          ...fields,
          parent_id: parentId,
          folded_name: fields.name === undefined ? undefined : foldName(fields.name),
          ...changed(ctx),
        })
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .returning(categoryColumns)
        .executeTakeFirst()
      return toCategory(row ?? fail('NOT_FOUND'))
    },

    async delete({ input: { id }, ctx, fail }) {
      // Deleted first: this waits for whoever puts something below it, and keeps others from doing so.
      const { numUpdatedRows } = await ctx.db
        .updateTable('categories')
        .set({ deleted_at: ctx.now.toISOString(), ...changed(ctx) })
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) fail('NOT_FOUND')
      const child = await ctx.db
        .selectFrom('categories')
        .select('id')
        .where('parent_id', '=', id)
        .where('deleted_at', 'is', null)
        .limit(1)
        .executeTakeFirst()
      if (child) fail('CATEGORY_NOT_EMPTY')
      await ctx.db
        .updateTable('products')
        .set({ category_id: null, ...changed(ctx) })
        .where('category_id', '=', id)
        .execute()
      return { id, deletedAt: ctx.now.toISOString() }
    },
  },
  { 'categories.slug': 'SLUG_TAKEN' },
)
