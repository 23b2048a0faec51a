import type { WriteDb } from '@plinth/db'
import type { CoreDb } from '../db.ts'

/**
 * Takes away every way in, besides the password, that was added before the address of an account was proved: whoever
 * registered with the address of somebody else keeps nothing once that one proves it.
 */
export const takeAwayWaysIn = async (db: WriteDb<CoreDb>, userId: string, now: Date): Promise<void> => {
  const revoked = { revoked_at: now.toISOString(), updated_at: now.toISOString(), updated_by: userId }
  await db.deleteFrom('identities').where('user_id', '=', userId).execute()
  await db.deleteFrom('passkeys').where('user_id', '=', userId).execute()
  await db.deleteFrom('totp_factors').where('user_id', '=', userId).execute()
  await db.deleteFrom('devices').where('user_id', '=', userId).execute()
  await db
    .updateTable('api_keys')
    .set(revoked)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .execute()
}
