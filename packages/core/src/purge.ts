import type { WriteDb } from '@plinth/db'
import type { CoreDb } from './db.ts'

/** How long is kept what has expired: until then an old token is told so, afterwards it is unknown. */
export const KEEP_EXPIRED_MS = 7 * 24 * 3_600_000

/**
 * Deletes tokens and logins that expired a week ago or earlier. Until then an old token is told that it has expired;
 * afterwards it is unknown. The newest access token of a login stays as long as the login, which can be renewed all that
 * time: its holder has to learn that it is only too old; one that was replaced after it expired stays for a week from
 * then. Call it from time to time in a transaction of its own.
 */
export const purgeIdentity = async (db: WriteDb<CoreDb>, now: Date): Promise<number> => {
  const before = new Date(now.getTime() - KEEP_EXPIRED_MS)
  const moment = before.toISOString()
  const deleted = [
    await db
      .deleteFrom('sessions')
      .where('expires_at', '<=', moment)
      .where('ended_at', '<=', moment)
      .executeTakeFirst(),
    await db.deleteFrom('refresh_tokens').where('expires_at', '<=', moment).executeTakeFirst(),
    await db.deleteFrom('email_verifications').where('expires_at', '<=', moment).executeTakeFirst(),
    await db.deleteFrom('one_time_codes').where('expires_at', '<=', moment).executeTakeFirst(),
    await db.deleteFrom('portal_invitations').where('expires_at', '<=', moment).executeTakeFirst(),
    await db.deleteFrom('throttles').where('expires_at', '<=', moment).executeTakeFirst(),
    await db.deleteFrom('logins').where('expires_at', '<=', moment).executeTakeFirst(),
  ]
  return deleted.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0)
}
