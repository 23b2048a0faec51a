import type { contract, SecondFactor } from '@plinth/contract'
import type { Row } from '@plinth/db'
import type { Handler } from '@plinth/kit'
import { heldUserById, userById } from '../accounts/queries.ts'
import type { UsersTable } from '../accounts/tables.ts'
import type { CoreDb } from '../db.ts'
import { type Presented, present, type UseContext, usePasskey } from '../passkeys/use.ts'
import { demandSecondFactor, type FactorContext } from '../second-factors/demand.ts'
import type { SessionDeps } from './handlers.ts'
import { loginOf } from './login-of.ts'

/** What was given to prove who somebody is, as far as it could be looked at before the transaction. */
interface Given {
  /** The login that it is for. */
  readonly loginId: string
  /** Whether the password is that of the hash; null where none was given. */
  readonly matches: boolean | null
  readonly hash: string | undefined
  readonly presented: Presented | undefined
  readonly secondFactor: SecondFactor | undefined
}

type Proving = UseContext & FactorContext

type Refuse = (code: 'SECOND_FACTOR_NEEDED' | 'SECOND_FACTOR_INVALID', options: { commit: true }) => never

/**
 * What of it is not right; null where it proves who the user is. A passkey does by itself. Else an account with a second
 * factor is proved by that one, for the password is what a thief of the login is likely to have too; any other account by
 * its password. Whatever is given must be right.
 */
const faultIn = async (
  { logins, secondFactors }: SessionDeps,
  ctx: Proving,
  user: Row<UsersTable>,
  { loginId, matches, hash, presented, secondFactor }: Given,
  refuse: Refuse,
): Promise<'password' | 'secondFactor' | 'passkey' | null> => {
  // It may have been changed since it was compared.
  if (matches !== null && !(matches && user.password_hash === hash)) return 'password'
  if (presented) {
    const owner = await usePasskey(ctx, logins, presented, { purpose: 'prove', loginId })
    return owner?.id === user.id ? null : 'passkey'
  }
  const used = await demandSecondFactor(secondFactors, ctx, user, secondFactor, refuse)
  return used === null && matches === null ? 'secondFactor' : null
}

/** Proves anew who holds a login. */
export const prove = (deps: SessionDeps): Handler<typeof contract.core.sessions.prove, CoreDb> => ({
  async prepare({ input: { password, secondFactor, passkey }, ctx: { db, actor } }) {
    const { passwords, logins, settings, proofAttempts } = deps
    const known = password === undefined ? undefined : await userById.first(db, { id: actor.userId })
    const hash = known?.password_hash ?? undefined
    const matches = password === undefined ? null : await passwords.matches(hash, password)
    const presented = passkey && (await present(settings.passkeys, db, passkey))
    return async ({ ctx, fail }) => {
      const { userId, impersonatedBy } = ctx.actor
      const loginId = loginOf(ctx.actor)
      ctx.audit({ target: loginId })
      // Whoever acts for somebody else can not prove to be that one.
      if (impersonatedBy !== null) return fail('FORBIDDEN')
      const user = (await heldUserById.first(ctx.db, { id: userId })) ?? fail('NOT_FOUND')
      await proofAttempts.check(ctx, userId)
      const path = await faultIn(deps, ctx, user, { loginId, matches, hash, presented, secondFactor }, fail)
      if (path !== null) {
        await proofAttempts.failed(ctx, userId)
        return fail('PROOF_INVALID', { commit: true, errors: [{ path, message: 'is not right' }] })
      }
      await proofAttempts.clear(ctx, userId)
      await logins.prove(ctx.db, loginId, ctx.now)
      const freshUntil = new Date(ctx.now.getTime() + settings.freshMs)
      return { provenAt: ctx.now.toISOString(), freshUntil: freshUntil.toISOString() }
    }
  },
})
