import type { WriteDb } from '@plinth/db'
import type { CoreDb } from './db.ts'
import { SessionWriter } from './sessions/adapter.ts'
import { luciaOf } from './sessions/lucia.ts'

const KEEP_MS = 7 * 24 * 3_600_000

/**
 * Deletes tokens and logins that expired a week ago or earlier. Until then an old token is told that it has expired;
 * afterwards it is unknown. Call it from time to time in a transaction of its own.
 */
export const purgeIdentity = async (db: WriteDb<CoreDb>, now: Date): Promise<number> => {
  const before = new Date(now.getTime() - KEEP_MS)
  const moment = before.toISOString()
  await luciaOf(new SessionWriter(db, before)).deleteExpiredSessions()
  const deleted = [
    await db.deleteFrom('refresh_tokens').where('expires_at', '<=', moment).executeTakeFirst(),
    await db.deleteFrom('email_verifications').where('expires_at', '<=', moment).executeTakeFirst(),
    await db.deleteFrom('logins').where('expires_at', '<=', moment).executeTakeFirst(),
  ]
  return deleted.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0)
}
