import type { WriteDb } from '@plinth/db'
import type { CoreDb } from '../db.ts'

/**
 * Withdraws a change of the email address that waits to be confirmed: whoever asked for it may have been a thief, whom the
 * change of password, or what else was done to the account, is to keep out.
 */
export const forgetPendingEmail = async (db: WriteDb<CoreDb>, userId: string, now: Date): Promise<void> => {
  await db.updateTable('users').set({ pending_email: null }).where('id', '=', userId).execute()
  await db
    .updateTable('email_verifications')
    .set({ used_at: now.toISOString() })
    .where('user_id', '=', userId)
    .where('purpose', '=', 'change')
    .where('used_at', 'is', null)
    .execute()
}
