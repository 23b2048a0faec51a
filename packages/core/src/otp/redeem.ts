import type { WriteDb } from '@plinth/db'
import type { CoreDb } from '../db.ts'
import { tokenHash, tokenType } from '../tokens.ts'
import { markOf, type Recipient } from './recipient.ts'
import type { OtpDeps } from './request.ts'
import { codeHash, sameHash } from './secret.ts'
import type { Audience, OtpPurpose } from './tables.ts'

/** What a code or link was for. */
interface Aim {
  readonly purpose: OtpPurpose
  readonly audience: Audience
}

/** Whom a code or link that was right belongs to, and the mark of where it was sent. */
export interface Proven {
  readonly userId: string
  readonly recipient: string
}

/** How a guess ended; who was aimed at is for the audit log, not for the answer. */
export type Guessed = { readonly proven: Proven } | { readonly proven: null; readonly aimedAt: string | null }

const endAsUsed = (db: WriteDb<CoreDb>, id: string, at: string) =>
  db
    .updateTable('one_time_codes')
    .set({ ended_at: at, end_reason: 'used' })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst()

/**
 * Looks at one guess. It is counted by the same statement that finds the code, which holds the row until the end of the
 * transaction: of many guesses at once no more than the allowed number are looked at, and one right one is taken. To have
 * it counted, a transaction with a wrong guess must be committed.
 */
export const guessCode = async (
  { vault, settings }: OtpDeps,
  db: WriteDb<CoreDb>,
  { purpose, audience, recipient, code }: Aim & { readonly recipient: Recipient; readonly code: string },
  now: Date,
): Promise<Guessed> => {
  const at = now.toISOString()
  const mark = markOf(vault, recipient)
  const live = await db
    .updateTable('one_time_codes')
    .set(({ eb }) => ({ attempts: eb('attempts', '+', 1) }))
    .where('recipient', '=', mark)
    .where('purpose', '=', purpose)
    .where('audience', '=', audience)
    .where('form', '=', 'code')
    .where('ended_at', 'is', null)
    .where('expires_at', '>', at)
    .where('attempts', '<', settings.otp.attempts)
    .returning(['id', 'user_id', 'secret'])
    .executeTakeFirst()
  const right = sameHash(live?.secret ?? '', codeHash(vault, live?.id ?? '', code))
  if (!live || !right || live.user_id === null) return { proven: null, aimedAt: live?.user_id ?? null }
  await endAsUsed(db, live.id, at)
  return { proven: { userId: live.user_id, recipient: mark } }
}

/** Takes the token of a link, once. */
export const redeemLink = async (
  db: WriteDb<CoreDb>,
  { purpose, audience, token }: Aim & { readonly token: string },
  now: Date,
): Promise<Proven | 'unknown' | 'expired'> => {
  if (tokenType(token) !== 'reset') return 'unknown'
  const at = now.toISOString()
  const found = await db
    .selectFrom('one_time_codes')
    .select(['id', 'user_id', 'recipient', 'expires_at'])
    .where('secret', '=', tokenHash(token))
    .where('form', '=', 'link')
    .where('purpose', '=', purpose)
    .where('audience', '=', audience)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  if (!found || found.user_id === null) return 'unknown'
  if (found.expires_at <= at) return 'expired'
  const { numUpdatedRows } = await endAsUsed(db, found.id, at)
  return numUpdatedRows === 0n ? 'unknown' : { userId: found.user_id, recipient: found.recipient }
}

/** Ends what was sent to a user for a purpose and not used: it is not good any more. */
export const withdrawCodes = async (
  db: WriteDb<CoreDb>,
  { userId, purpose }: { readonly userId: string; readonly purpose: OtpPurpose },
  now: Date,
): Promise<void> => {
  await db
    .updateTable('one_time_codes')
    .set({ ended_at: now.toISOString(), end_reason: 'withdrawn' })
    .where('user_id', '=', userId)
    .where('purpose', '=', purpose)
    .where('ended_at', 'is', null)
    .execute()
}
