import { contract } from '@plinth/contract'
import { foldName } from '@plinth/db'
import { changed, made } from '@plinth/kit'
import { implement } from '../implement.ts'
import { insertWithSlug, slugOf } from '../slugs.ts'
import { listTags, tagById, tagBySlug, tagColumns, toTag } from './queries.ts'

/** Tags: words that products are marked with. */
export const tags = implement(
  contract.commerce.tags,
  {
    async list({ input, ctx }) {
      const { items, nextCursor } = await listTags(ctx.db, input)
      return { items: items.map(toTag), nextCursor }
    },

    async get({ input, ctx, fail }) {
      return toTag((await tagById.first(ctx.db, input)) ?? fail('NOT_FOUND'))
    },

    async getBySlug({ input, ctx, fail }) {
      return toTag((await tagBySlug.first(ctx.db, input)) ?? fail('NOT_FOUND'))
    },

    async create({ input, ctx }) {
      const id = ctx.newId('tag')
      const row = (slug: string) => ({
        id,
        slug,
        name: input.name,
        folded_name: foldName(input.name),
        ...made(ctx),
      })
      const insert = (slug: string) => ctx.db.insertInto('tags').values(row(slug)).returning(tagColumns)
      if (input.slug !== undefined) return toTag(await insert(input.slug).executeTakeFirstOrThrow())
      const created = await insertWithSlug(slugOf(input.name, 'tag'), id, {
        async taken(slugs) {
          const rows = await ctx.db.selectFrom('tags').select('slug').where('slug', 'in', slugs).execute()
          return rows.map(({ slug }) => slug)
        },
        insert: (slug) =>
          insert(slug)
            .onConflict((conflict) => conflict.column('slug').doNothing())
            .executeTakeFirst(),
      })
      return toTag(created)
    },

    async update({ input: { id, name, slug }, ctx, fail }) {
      const row = await ctx.db
        .updateTable('tags')
        .set({ name, slug, folded_name: name === undefined ? undefined : foldName(name), ...changed(ctx) })
        .where('id', '=', id)
        .returning(tagColumns)
        .executeTakeFirst()
      return toTag(row ?? fail('NOT_FOUND'))
    },

    async delete({ input, ctx, fail }) {
      const { numDeletedRows } = await ctx.db.deleteFrom('tags').where('id', '=', input.id).executeTakeFirst()
      if (numDeletedRows === 0n) fail('NOT_FOUND')
      return { id: input.id, deletedAt: ctx.now.toISOString() }
    },
  },
  { 'tags.slug': 'SLUG_TAKEN' },
)
