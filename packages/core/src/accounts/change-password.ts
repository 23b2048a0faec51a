import type { contract } from '@plinth/contract'
import type { Handler } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { withdrawCodes } from '../otp/redeem.ts'
import type { SessionDeps } from '../sessions/handlers.ts'
import { loginOf } from '../sessions/login-of.ts'
import { forgetPendingEmail } from './forget-email.ts'
import { PASSWORD_CHANGED } from './password-mails.ts'
import { heldUserById, userById } from './queries.ts'
import type { Weakness } from './weak-passwords.ts'

const WRONG = [{ path: 'currentPassword', message: 'is not your current password' }]

/** Changes the own password; every other login of the account ends with it. */
export const changePassword = (
  { passwords, logins, proofAttempts }: Pick<SessionDeps, 'passwords' | 'logins' | 'proofAttempts'>,
  weakness: Weakness,
): Handler<typeof contract.core.accounts.changePassword, CoreDb> => ({
  async prepare({ input: { currentPassword, newPassword }, ctx: { db, actor }, fail: refuse }) {
    const user = (await userById.first(db, { id: actor.userId })) ?? refuse('NOT_FOUND')
    const right = await passwords.matches(user.password_hash ?? undefined, currentPassword)
    const same = currentPassword === newPassword ? 'is your current password' : null
    const message = same ?? (await weakness(newPassword, user))
    const weak = message === null ? [] : [{ path: 'newPassword', message }]
    const hashed = right && message === null ? await passwords.hash(newPassword) : null
    return async ({ ctx, fail }) => {
      ctx.audit({ target: user.id })
      // Held, so that of many guesses at the same time none slips past the count.
      await heldUserById.first(ctx.db, { id: user.id })
      await proofAttempts.check(ctx, user.id)
      if (!right) {
        await proofAttempts.failed(ctx, user.id)
        fail('WRONG_PASSWORD', { errors: WRONG, commit: true })
      }
      const passwordHash = hashed ?? fail('WEAK_PASSWORD', { errors: weak })
      const at = ctx.now.toISOString()
      const changed = await ctx.db
        .updateTable('users')
        .set({ password_hash: passwordHash, updated_at: at, updated_by: user.id })
        .where('id', '=', user.id)
        // Another call may have changed it since it was compared.
        .where('password_hash', '=', user.password_hash)
        .executeTakeFirst()
      if (changed.numUpdatedRows === 0n) fail('WRONG_PASSWORD', { errors: WRONG, commit: true })
      await proofAttempts.clear(ctx, user.id)
      await forgetPendingEmail(ctx.db, user.id, ctx.now)
      await withdrawCodes(ctx.db, { userId: user.id, purpose: 'reset-password' }, ctx.now)
      ctx.emit(PASSWORD_CHANGED, { userId: user.id })
      const others = { userId: user.id, except: loginOf(ctx.actor) }
      const endedLogins = await logins.end(ctx.db, others, 'password-changed', ctx.now)
      return { changedAt: at, endedLogins }
    }
  },
})
