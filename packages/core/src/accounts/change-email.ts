import type { contract } from '@plinth/contract'
import type { Handlers, LoginStore } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { standingOf } from '../sessions/standing.ts'
import { tokenHash, tokenType } from '../tokens.ts'
import { holdUser } from '../users/guards.ts'
import { searchText, toAccount } from './queries.ts'

type Accounts = Pick<typeof contract.core.accounts, 'changeEmail' | 'confirmEmail'>

/**
 * Changes the email address in two steps: the new one counts once its holder has confirmed it. Whether it has an account
 * already is not told before; its holder is told by mail.
 */
export const emailChange = (logins: LoginStore): Handlers<Accounts, CoreDb> => ({
  async changeEmail({ input: { email }, ctx, fail }) {
    const user = (await holdUser(ctx.db, ctx.actor.userId)) ?? fail('NOT_FOUND')
    if (email === user.email) fail('SAME_EMAIL')
    await ctx.db
      .updateTable('users')
      .set({ pending_email: email, updated_at: ctx.now.toISOString(), updated_by: user.id })
      .where('id', '=', user.id)
      .execute()
    ctx.emit('accounts.emailChangeRequested', { userId: user.id })
    ctx.audit({ target: user.id })
    return { email, requestedAt: ctx.now.toISOString() }
  },

  async confirmEmail({ input: { token }, ctx, fail }) {
    if (tokenType(token) !== 'verification') fail('VERIFICATION_UNKNOWN')
    const at = ctx.now.toISOString()
    const found = await ctx.db
      .updateTable('email_verifications')
      .set({ used_at: at })
      .where('hash', '=', tokenHash(token))
      .where('purpose', '=', 'change')
      .where('used_at', 'is', null)
      .returning(['user_id', 'email', 'expires_at'])
      .executeTakeFirst()
    const { user_id: userId, email, expires_at: expiresAt } = found ?? fail('VERIFICATION_UNKNOWN')
    if (expiresAt <= at) fail('VERIFICATION_EXPIRED')
    const before = await holdUser(ctx.db, userId)
    // Another request for another address has taken the place of this one.
    if (!before || before.pending_email !== email || before.deleted_at !== null)
      return fail('VERIFICATION_UNKNOWN')
    const user = await ctx.db
      .updateTable('users')
      .set({ email, pending_email: null, email_verified_at: at, updated_at: at, updated_by: userId })
      .set({ folded_text: searchText({ ...before, email }) })
      .where('id', '=', userId)
      .returningAll()
      .executeTakeFirstOrThrow()
    await logins.setStanding(ctx.db, userId, await standingOf(ctx.db, user))
    ctx.emit('accounts.emailChanged', { userId })
    ctx.audit({ actorId: userId, target: userId })
    return toAccount(user)
  },
})
