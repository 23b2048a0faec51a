import { contract } from '@plinth/contract'
import type { LoginStore } from '@plinth/kit'
import { implement } from '../implement.ts'
import { clearTokenCookies } from '../sessions/cookies.ts'
import { closeAccount } from '../users/close.ts'
import { holdUser, isLastSuperAdmin } from '../users/guards.ts'
import { emailChange } from './change-email.ts'
import { changePassword } from './change-password.ts'
import type { Passwords } from './passwords.ts'
import { toAccount, userById } from './queries.ts'
import { type AccountRules, register } from './register.ts'
import { updateProfile } from './update-profile.ts'
import { verify } from './verify.ts'

/** Accounts: registration, proof of the address, own profile, own password. */
export const accounts = (passwords: Passwords, logins: LoginStore, rules: AccountRules) =>
  implement(
    contract.core.accounts,
    {
      register: register(passwords, rules),
      verify: verify(logins),
      async resendVerification({ ctx, fail }) {
        const user = (await userById.first(ctx.db, { id: ctx.actor.userId })) ?? fail('NOT_FOUND')
        if (user.email_verified_at !== null) fail('ALREADY_VERIFIED')
        ctx.emit('accounts.verificationRequested', { userId: user.id })
        ctx.audit({ target: user.id })
        return { email: user.email, requestedAt: ctx.now.toISOString() }
      },
      async get({ ctx, fail }) {
        return toAccount((await userById.first(ctx.db, { id: ctx.actor.userId })) ?? fail('NOT_FOUND'))
      },
      async update({ input, ctx, fail }) {
        const user = (await holdUser(ctx.db, ctx.actor.userId)) ?? fail('NOT_FOUND')
        return toAccount(await updateProfile(ctx, user, input))
      },
      ...emailChange(logins),
      async delete({ ctx, fail }) {
        const user = (await holdUser(ctx.db, ctx.actor.userId)) ?? fail('NOT_FOUND')
        if (await isLastSuperAdmin(ctx.db, user)) fail('LAST_SUPER_ADMIN')
        ctx.audit({ target: user.id })
        ctx.emit('accounts.deleted', { userId: user.id })
        clearTokenCookies(ctx)
        return closeAccount(logins, ctx, user.id)
      },
      changePassword: changePassword(passwords, rules.weakness, logins),
    },
    { 'users.email': 'EMAIL_TAKEN' },
  )
