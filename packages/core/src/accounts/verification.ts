import type { RetryRule, Subscriber } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'
import { newToken, tokenHash } from '../tokens.ts'
import { userById } from './queries.ts'
import type { EmailVerificationsTable } from './tables.ts'

/** How long a mail is tried: its server may be away for hours. Pauses double up to half an hour, about a day in all. */
export const FOR_A_DAY: RetryRule = { maxAttempts: 64, maxPauseMs: 30 * 60_000 }

/** Whose account an event is about. */
export const userIdOf = (payload: unknown): string => {
  if (
    typeof payload === 'object' &&
    payload !== null &&
    'userId' in payload &&
    typeof payload.userId === 'string'
  )
    return payload.userId
  throw new TypeError('the event carries no userId')
}

/**
 * Makes a token that proves an address of a user and sets aside those before it; answers null when there is
 * nothing to prove any more. Only its hash is stored.
 */
export const issueVerification = (
  { db, clock, settings }: CoreDeps,
  userId: string,
  purpose: EmailVerificationsTable['purpose'],
) =>
  db.as<CoreDb>().transaction(async (trx) => {
    const user = await userById.first(trx, { id: userId })
    const email = purpose === 'change' ? user?.pending_email : user?.email
    if (!user || !email || (purpose === 'verify' && user.email_verified_at !== null)) return null
    const now = clock.now()
    const token = newToken('verification')
    await trx
      .updateTable('email_verifications')
      .set({ used_at: now.toISOString() })
      .where('user_id', '=', userId)
      .where('purpose', '=', purpose)
      .where('used_at', 'is', null)
      .execute()
    await trx
      .insertInto('email_verifications')
      .values({
        hash: tokenHash(token),
        user_id: userId,
        email,
        purpose,
        created_at: now.toISOString(),
        expires_at: new Date(now.getTime() + settings.verificationMs).toISOString(),
        used_at: null,
      })
      .execute()
    return { email, user, name: user.name, token }
  })

/** A time as people say it. */
export const hours = (ms: number): string => {
  const count = Math.max(1, Math.round(ms / 3_600_000))
  return count === 1 ? '1 hour' : `${count} hours`
}

const textOf = (to: { name: string; token: string }, { settings }: CoreDeps): string =>
  [
    `Hello ${to.name},`,
    'please confirm that this address is yours by opening this link:',
    `${settings.webUrl}/verify-email?token=${to.token}`,
    `Or enter this code where you are asked for it:\n${to.token}`,
    `Both work once, for ${hours(settings.verificationMs)}. If you did not ask for this mail, ignore it.`,
  ].join('\n\n')

/** Mails a token to whoever registered or asked for the mail again. A try that is repeated sends a new token. */
export const verificationMails = (deps: CoreDeps): Subscriber[] => {
  const run = async (payload: unknown): Promise<void> => {
    const issued = await issueVerification(deps, userIdOf(payload), 'verify')
    if (!issued) return
    await deps.mailer.send({
      to: issued.email,
      subject: 'Confirm your email address',
      text: textOf(issued, deps),
    })
  }
  return [
    { event: 'accounts.registered', job: 'send-verification-mail', retry: FOR_A_DAY, run },
    { event: 'accounts.verificationRequested', job: 'send-verification-mail-again', retry: FOR_A_DAY, run },
  ]
}
