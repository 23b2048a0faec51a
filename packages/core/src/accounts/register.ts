import type { contract } from '@plinth/contract'
import type { Handler } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { Passwords } from './passwords.ts'
import { NEW_USER, searchText, toAccount } from './queries.ts'
import type { Weakness } from './weak-passwords.ts'

/** What new accounts have to keep to. */
export interface AccountRules {
  readonly weakness: Weakness
  readonly isDisposable: (email: string) => boolean
}

/** Registers an account; the mail that proves its address follows from the event. */
export const register = (
  passwords: Passwords,
  { weakness, isDisposable }: AccountRules,
): Handler<typeof contract.core.accounts.register, CoreDb> => ({
  async prepare({ input: { password, timeZone, ...profile }, fail }) {
    if (isDisposable(profile.email))
      fail('EMAIL_DISPOSABLE', { errors: [{ path: 'email', message: 'is of a throw-away mail service' }] })
    const message = await weakness(password, profile)
    if (message) fail('WEAK_PASSWORD', { errors: [{ path: 'password', message }] })
    const passwordHash = await passwords.hash(password)
    return async ({ ctx }) => {
      const id = ctx.newId('usr')
      const at = ctx.now.toISOString()
      const by = ctx.actor?.userId ?? 'system'
      const user = await ctx.db
        .insertInto('users')
        .values({
          ...profile,
          id,
          email_verified_at: null,
          ...NEW_USER,
          folded_text: searchText(profile),
          time_zone: timeZone,
          role: 'user',
          password_hash: passwordHash,
          created_at: at,
          updated_at: at,
          created_by: by,
          updated_by: by,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      ctx.emit('accounts.registered', { userId: id })
      ctx.audit({ actorId: id })
      return toAccount(user)
    }
  },
})
