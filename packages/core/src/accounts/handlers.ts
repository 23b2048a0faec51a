import { contract } from '@plinth/contract'
import type { LoginStore } from '@plinth/kit'
import { sql } from 'kysely'
import { implement } from '../implement.ts'
import { changePassword } from './change-password.ts'
import type { Passwords } from './passwords.ts'
import { toAccount, userById } from './queries.ts'
import { type AccountRules, register } from './register.ts'
import { verify } from './verify.ts'

// Another number has yet to be proved: a password can be set anew by what is sent there.
const forgetProof = (phone: string | null) => ({
  phone_verified_at: sql<string | null>`case when phone = ${phone} then phone_verified_at end`,
})

/** Accounts: registration, proof of the address, own profile, own password. */
export const accounts = (passwords: Passwords, logins: LoginStore, rules: AccountRules) =>
  implement(
    contract.core.accounts,
    {
      register: register(passwords, rules),
      verify,
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
      async update({ input: { timeZone, ...profile }, ctx, fail }) {
        const user = await ctx.db
          .updateTable('users')
          .set({ ...profile, updated_at: ctx.now.toISOString(), updated_by: ctx.actor.userId })
          .$if(timeZone !== undefined, (query) => query.set({ time_zone: timeZone }))
          .$if(profile.phone !== undefined, (query) => query.set(forgetProof(profile.phone ?? null)))
          .where('id', '=', ctx.actor.userId)
          .returningAll()
          .executeTakeFirst()
        return toAccount(user ?? fail('NOT_FOUND'))
      },
      changePassword: changePassword(passwords, rules.weakness, logins),
    },
    { 'users.email': 'EMAIL_TAKEN' },
  )
