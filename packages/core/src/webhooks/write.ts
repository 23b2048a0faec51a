import type { contract } from '@plinth/contract'
import type { Handler, WebhookSender } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'
import { disabledSince, toWebhook } from './queries.ts'
import { newSecret } from './rules.ts'

type Webhooks = typeof contract.core.webhooks

const disabledBy = (enabled: boolean, at: string) => ({
  disabled_at: enabled ? null : at,
  disabled_reason: enabled ? null : ('by-hand' as const),
  ...(enabled && { failing_since: null }),
})

const refusal = (sender: WebhookSender, url: string) => {
  const message = sender.refusal(url)
  return message === null ? null : { errors: [{ path: 'url', message }] }
}

/** Creates a webhook. Only what the vault makes of its secret is stored. */
export const create =
  ({ db, vault, webhookSender, settings }: CoreDeps): Handler<Webhooks['create'], CoreDb> =>
  async ({ input: { url, description, events, enabled }, ctx, fail }) => {
    const refused = refusal(webhookSender, url)
    if (refused) fail('URL_REFUSED', refused)
    // Those who create at once take turns, so that the bound holds.
    await db.dialect.lock(ctx.db, 'webhooks')
    const { count } = await ctx.db
      .selectFrom('webhooks')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    if (Number(count) >= settings.webhooks.most) fail('WEBHOOKS_FULL')
    const id = ctx.newId('whk')
    const at = ctx.now.toISOString()
    const secret = newSecret()
    const row = await ctx.db
      .insertInto('webhooks')
      .values({
        id,
        url: new URL(url).href,
        description,
        events,
        secret: vault.seal(secret, id),
        previous_secret: null,
        previous_until: null,
        ...disabledBy(enabled, at),
        failing_since: null,
        created_at: at,
        updated_at: at,
        created_by: ctx.actor.userId,
        updated_by: ctx.actor.userId,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return { ...toWebhook(row), secret }
  }

/** Changes a webhook; one that is enabled again begins with a clean sheet. */
export const update =
  ({ webhookSender }: CoreDeps): Handler<Webhooks['update'], CoreDb> =>
  async ({ input: { id, url, enabled, ...fields }, ctx, fail }) => {
    const refused = url === undefined ? null : refusal(webhookSender, url)
    if (refused) fail('URL_REFUSED', refused)
    const at = ctx.now.toISOString()
    const found = (await disabledSince(ctx.db, id)) ?? fail('NOT_FOUND')
    const turns = enabled !== undefined && enabled !== (found.disabled_at === null)
    const row = await ctx.db
      .updateTable('webhooks')
      .set({
        ...fields,
        ...(url !== undefined && { url: new URL(url).href }),
        ...(turns && disabledBy(enabled, at)),
        updated_at: at,
        updated_by: ctx.actor.userId,
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
    return toWebhook(row ?? fail('NOT_FOUND'))
  }
