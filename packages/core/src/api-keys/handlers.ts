import { contract } from '@plinth/contract'
import { keyset, pageOf, type SortField } from '@plinth/db'
import { implement } from '../implement.ts'
import type { CoreDeps } from '../settings.ts'
import { liveKey, liveKeys, toApiKey } from './queries.ts'
import { create, rotate, update } from './write.ts'

const NEWEST_FIRST: readonly SortField[] = [{ column: 'api_keys.id', direction: 'desc' }]

/** API keys: how programs of third parties call in the name of an account. */
export const apiKeys = (deps: CoreDeps) =>
  implement(contract.core.apiKeys, {
    async list({ input: { limit, cursor }, ctx }) {
      const { all, userId } = ctx.scope
      const rows = await keyset(liveKeys(ctx.db, ctx.now), NEWEST_FIRST, cursor)
        .$if(!all, (query) => query.where('api_keys.user_id', '=', userId))
        .limit(limit + 1)
        .execute()
      const { items, nextCursor } = pageOf(rows, limit, NEWEST_FIRST)
      return { items: items.map(toApiKey), nextCursor }
    },

    async get({ input: { id }, ctx, fail }) {
      return toApiKey((await liveKey(ctx.db, id, ctx.scope, ctx.now)) ?? fail('NOT_FOUND'))
    },

    create: create(deps),
    update: update(deps),
    rotate: rotate(deps),

    async delete({ input: { id }, ctx, fail }) {
      const { all, userId } = ctx.scope
      const revokedAt = ctx.now.toISOString()
      const { numUpdatedRows } = await ctx.db
        .updateTable('api_keys')
        .set({ revoked_at: revokedAt, updated_at: revokedAt, updated_by: ctx.actor.userId })
        .where('id', '=', id)
        .$if(!all, (query) => query.where('user_id', '=', userId))
        .where('revoked_at', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) fail('NOT_FOUND')
      return { id, revokedAt }
    },
  })
