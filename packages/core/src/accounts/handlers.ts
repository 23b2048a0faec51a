import { contract } from '@plinth/contract'
import { implement } from '../implement.ts'
import { clearTokenCookies } from '../sessions/cookies.ts'
import type { SessionDeps } from '../sessions/handlers.ts'
import { createThrottle } from '../throttles/throttle.ts'
import { closeAccount } from '../users/close.ts'
import { holdUser, isLastSuperAdmin } from '../users/guards.ts'
import { emailChange } from './change-email.ts'
import { changePassword } from './change-password.ts'
import { heldUserById, toAccount, userById } from './queries.ts'
import { type AccountRules, register } from './register.ts'
import { updateProfile } from './update-profile.ts'
import { verify } from './verify.ts'

// Each goes to an address that nobody has proved to be theirs.
const MAILS = { failures: 5, windowMs: 3_600_000, lockMs: 3_600_000 }

type AccountDeps = Pick<SessionDeps, 'passwords' | 'logins' | 'proofAttempts'>

/** Accounts: registration, proof of the address, own profile, own password. */
export const accounts = (deps: AccountDeps, rules: AccountRules) => {
  const { passwords, logins } = deps
  const mails = createThrottle('verification-mail', MAILS)
  return implement(
    contract.core.accounts,
    {
      register: register(passwords, rules),
      verify: verify(logins),
      async resendVerification({ ctx, fail }) {
        const user = (await heldUserById.first(ctx.db, { id: ctx.actor.userId })) ?? fail('NOT_FOUND')
        if (user.email_verified_at !== null) fail('ALREADY_VERIFIED')
        const lockedMs = await mails.lockedMs(ctx.db, user.id, ctx.now)
        if (lockedMs > 0)
          fail('MAILS_EXHAUSTED', { headers: { 'retry-after': String(Math.ceil(lockedMs / 1000)) } })
        await mails.failed(ctx.db, user.id, ctx.now)
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
      changePassword: changePassword(deps, rules.weakness),
    },
    { 'users.email': 'EMAIL_TAKEN' },
  )
}
