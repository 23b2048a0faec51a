import type { contract, PortalName } from '@plinth/contract'
import type { Row, WriteDb } from '@plinth/db'
import { type Context, type Handler, networkOf } from '@plinth/kit'
import { forgetPendingEmail } from '../accounts/forget-email.ts'
import { PASSWORD_CHANGED } from '../accounts/password-mails.ts'
import type { UsersTable } from '../accounts/tables.ts'
import { takeAwayWaysIn } from '../accounts/take-over.ts'
import { named } from '../accounts/weak-passwords.ts'
import type { CoreDb } from '../db.ts'
import { markOf, type Recipient } from '../otp/recipient.ts'
import { guessCode, type Proven, redeemLink, withdrawCodes } from '../otp/redeem.ts'
import { createThrottle } from '../throttles/throttle.ts'
import { holdUser } from './find.ts'
import { recipientOf } from './forgot.ts'
import type { PasswordDeps } from './handlers.ts'

type Reset = typeof contract.core.passwords.reset
type Ctx = Context<CoreDb, 'mutation', 'public', true>

const HOUR_MS = 3_600_000
const WRONG = [{ path: 'code', message: 'is wrong, expired or used up' }]

/** Whether the account is still reached where the code or link was sent, and over what. */
const reachedBy = (
  { vault }: PasswordDeps,
  user: Row<UsersTable>,
  { recipient }: Proven,
): Recipient['channel'] | null => {
  const byMail = markOf(vault, { channel: 'mail', address: user.email }) === recipient
  const number = user.phone_verified_at === null ? null : user.phone
  const bySms = number !== null && markOf(vault, { channel: 'sms', address: number }) === recipient
  return byMail ? 'mail' : bySms ? 'sms' : null
}

const holdReached = async (
  deps: PasswordDeps,
  db: WriteDb<CoreDb>,
  proven: Proven,
  portal: PortalName | null,
) => {
  const user = await holdUser(db, proven.userId, portal)
  const by = user && reachedBy(deps, user, proven)
  return user && by ? { user, by } : null
}

/** Writes the new password of somebody who proved who they are; what was sent came to the address, which proves it too. */
const setPassword = async (
  { logins }: PasswordDeps,
  ctx: Ctx,
  { user, by }: { user: Row<UsersTable>; by: Recipient['channel'] },
  passwordHash: string,
) => {
  const at = ctx.now.toISOString()
  const proves = by === 'mail' && user.email_verified_at === null
  await ctx.db
    .updateTable('users')
    .set({ password_hash: passwordHash, updated_at: at, updated_by: user.id })
    .$if(proves, (update) => update.set({ email_verified_at: at }))
    .where('id', '=', user.id)
    .execute()
  // Whoever added one before the address was proved may be somebody else.
  if (proves) await takeAwayWaysIn(ctx.db, user.id, ctx.now)
  await withdrawCodes(ctx.db, { userId: user.id, purpose: 'reset-password' }, ctx.now)
  await forgetPendingEmail(ctx.db, user.id, ctx.now)
  const all = { userId: user.id, except: null }
  const endedLogins = await logins.end(ctx.db, all, 'password-changed', ctx.now)
  ctx.emit(PASSWORD_CHANGED, { userId: user.id })
  if (proves) ctx.emit('accounts.verified', { userId: user.id })
  return { changedAt: at, endedLogins }
}

/**
 * Sets a new password by code or link. Whatever is wrong with a code, and whether or not there is an account, the answer
 * is the same after the same work: the password is judged and hashed before anything of the account is looked at, and
 * held against the account's name only once the code was right.
 */
export const reset = (deps: PasswordDeps): Handler<Reset, CoreDb> => {
  const { passwords, weakness, vault, settings, portal } = deps
  const throttle = createThrottle('reset-password', {
    failures: settings.otp.wrongPerHour,
    windowMs: HOUR_MS,
    lockMs: HOUR_MS,
  })
  const aim = { purpose: 'reset-password', audience: portal ?? 'user' } as const
  const log = deps.log.module('otp')
  return {
    async prepare({ input, ctx: { db, address, now }, fail: refuse }) {
      const { code, token, newPassword, email = '' } = input
      const recipient = recipientOf(input)
      const subject = `${aim.audience} ${markOf(vault, recipient)} ${networkOf(address)}`
      const lockedMs = code === undefined ? 0 : await throttle.lockedMs(db, subject, now)
      if (lockedMs > 0)
        refuse('TOO_MANY_ATTEMPTS', { headers: { 'retry-after': String(Math.ceil(lockedMs / 1000)) } })
      const weak = (message: string) => [{ path: 'newPassword', message }]
      const message = await weakness(newPassword, { email, name: '' })
      if (message !== null) refuse('WEAK_PASSWORD', { errors: weak(message) })
      const passwordHash = await passwords.hash(newPassword)
      return async ({ ctx, fail }) => {
        const wrong = async (): Promise<never> => {
          await throttle.failed(ctx.db, subject, ctx.now)
          log.info({ requestId: ctx.requestId, ...aim, channel: recipient.channel }, 'wrong one-time code')
          return fail('CODE_INVALID', { errors: WRONG, commit: true })
        }
        const byCode = async (given: string) => {
          const guessed = await guessCode(deps, ctx.db, { ...aim, recipient, code: given }, ctx.now)
          if (guessed.proven) return (await holdReached(deps, ctx.db, guessed.proven, portal)) ?? wrong()
          if (guessed.aimedAt) ctx.audit({ target: guessed.aimedAt })
          return wrong()
        }
        const byLink = async () => {
          const proven = await redeemLink(ctx.db, { ...aim, token: token ?? '' }, ctx.now)
          if (proven === 'expired') return fail('RESET_EXPIRED')
          if (proven === 'unknown') return fail('RESET_UNKNOWN')
          return (await holdReached(deps, ctx.db, proven, portal)) ?? fail('RESET_UNKNOWN')
        }
        const reached = code === undefined ? await byLink() : await byCode(code)
        const why = named(newPassword, reached.user)
        // Not committed: the code is as good as before.
        if (why !== null) fail('WEAK_PASSWORD', { errors: weak(why) })
        ctx.audit({ actorId: reached.user.id, target: reached.user.id })
        if (code !== undefined) await throttle.clear(ctx.db, subject)
        log.info(
          { requestId: ctx.requestId, ...aim, userId: reached.user.id },
          'password set by one-time code',
        )
        return setPassword(deps, ctx, reached, passwordHash)
      }
    },
  }
}
