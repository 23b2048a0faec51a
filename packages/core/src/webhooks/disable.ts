import type { WriteDb } from '@plinth/db'
import { auditEffect, type Job } from '@plinth/kit'
import { userById } from '../accounts/queries.ts'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'
import type { DueDelivery } from './queries.ts'

/** The job that tells the maker of a webhook that it was disabled. */
export const TELL = 'tell-webhook-disabled'

const WHY = {
  gone: 'its receiver answered that it is gone for good (HTTP 410)',
  failing: 'nothing could be delivered to it for days',
} as const

type Reason = keyof typeof WHY

/** Disables a webhook that is enabled still; whoever made it is told by mail, after the commit. */
export const disable = async (
  trx: WriteDb<CoreDb>,
  { jobs, clock }: CoreDeps,
  { webhook_id: id }: DueDelivery,
  { reason, cause }: { reason: Reason; cause: string },
): Promise<void> => {
  const now = clock.now()
  const at = now.toISOString()
  const { numUpdatedRows } = await trx
    .updateTable('webhooks')
    .set({ disabled_at: at, disabled_reason: reason, updated_at: at, updated_by: 'system' })
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return
  await auditEffect(trx, { action: 'core.webhooks.disable', target: id, cause, now })
  await jobs.enqueue(trx, [{ name: TELL, payload: { id, reason } }], now)
}

const payloadOf = ({ payload }: Job): { id: string; reason: Reason } => {
  if (typeof payload === 'object' && payload !== null && 'id' in payload && 'reason' in payload)
    return { id: String(payload.id), reason: payload.reason === 'gone' ? 'gone' : 'failing' }
  throw new TypeError('the job names no webhook')
}

/** Mails whoever made a webhook that it was disabled, and how to enable it again. */
export const tellDisabled =
  ({ db, mailer }: CoreDeps) =>
  async (job: Job): Promise<void> => {
    const { id, reason } = payloadOf(job)
    const found = await db
      .as<CoreDb>()
      .read.selectFrom('webhooks')
      .select(['url', 'created_by'])
      .where('id', '=', id)
      .executeTakeFirst()
    const user = found && (await userById.first(db.as<CoreDb>().read, { id: found.created_by }))
    if (!found || !user) return
    await mailer.send({
      to: user.email,
      subject: 'A webhook was disabled',
      text: [
        `Hello ${user.name},`,
        `the webhook ${id} to ${new URL(found.url).host} was disabled: ${WHY[reason]}.`,
        'Once its receiver works again, enable it; deliveries that were given up can be delivered again by hand.',
      ].join('\n\n'),
    })
  }
