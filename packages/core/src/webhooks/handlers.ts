import { contract } from '@plinth/contract'
import { keyset, pageOf, type SortField } from '@plinth/db'
import { implement } from '../implement.ts'
import type { CoreDeps } from '../settings.ts'
import { toWebhook } from './queries.ts'
import { rotateSecret } from './rotate-secret.ts'
import { test } from './test-delivery.ts'
import { create, update } from './write.ts'

const NEWEST_FIRST: readonly SortField[] = [{ column: 'id', direction: 'desc' }]

/** Webhooks: who is told of events, and where. */
export const webhooks = (deps: CoreDeps) =>
  implement(contract.core.webhooks, {
    async list({ input: { limit, cursor }, ctx }) {
      const rows = await keyset(ctx.db.selectFrom('webhooks').selectAll(), NEWEST_FIRST, cursor)
        .limit(limit + 1)
        .execute()
      const { items, nextCursor } = pageOf(rows, limit, NEWEST_FIRST)
      return { items: items.map(toWebhook), nextCursor }
    },

    async get({ input: { id }, ctx, fail }) {
      const row = await ctx.db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst()
      return toWebhook(row ?? fail('NOT_FOUND'))
    },

    create: create(deps),
    update: update(deps),

    async delete({ input: { id }, ctx, fail }) {
      const { numDeletedRows } = await ctx.db.deleteFrom('webhooks').where('id', '=', id).executeTakeFirst()
      if (numDeletedRows === 0n) fail('NOT_FOUND')
      return { id, deletedAt: ctx.now.toISOString() }
    },

    rotateSecret: rotateSecret(deps),
    test,
  })
