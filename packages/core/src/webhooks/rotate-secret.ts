import type { contract } from '@plinth/contract'
import type { Handler } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'
import { toWebhook } from './queries.ts'
import { newSecret } from './rules.ts'

/** Makes a new secret; the one before signs too for a while, and the one before that no more. */
export const rotateSecret =
  ({ vault, settings }: CoreDeps): Handler<typeof contract.core.webhooks.rotateSecret, CoreDb> =>
  async ({ input: { id }, ctx, fail }) => {
    const secret = newSecret()
    const row = await ctx.db
      .updateTable('webhooks')
      .set(({ ref }) => ({
        previous_secret: ref('secret'),
        previous_until: new Date(ctx.now.getTime() + settings.webhooks.overlapMs).toISOString(),
        secret: vault.seal(secret, id),
        updated_at: ctx.now.toISOString(),
        updated_by: ctx.actor.userId,
      }))
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
    return { ...toWebhook(row ?? fail('NOT_FOUND')), secret }
  }
