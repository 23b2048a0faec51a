import { contract } from '@plinth/contract'
import type { LoginStore } from '@plinth/kit'
import { forgetPendingEmail } from '../accounts/forget-email.ts'
import type { Passwords } from '../accounts/passwords.ts'
import { implement } from '../implement.ts'
import type { Attempts } from '../second-factors/attempts.ts'
import type { SecondFactorDeps } from '../second-factors/demand.ts'
import type { CoreSettings } from '../settings.ts'
import { clearTokenCookies } from './cookies.ts'
import type { Lockout } from './lockout.ts'
import { login } from './login.ts'
import { loginOf } from './login-of.ts'
import { prove } from './prove.ts'
import { refresh } from './refresh.ts'
import type { Place } from './suspicion.ts'
import { toLogin } from './to-login.ts'

/** What the operations on logins work with. */
export interface SessionDeps {
  readonly passwords: Passwords
  readonly logins: LoginStore
  readonly settings: CoreSettings
  readonly lockout: Lockout
  readonly secondFactors: SecondFactorDeps
  /** Wrong tries at proving who holds a login. */
  readonly proofAttempts: Attempts
  /** Country of an address, as two letters; null: not known. */
  readonly countryOf: (address: string) => Promise<string | null>
  /** Places all over a country; none where it is not known. */
  readonly placesOf: (country: string) => readonly Place[]
}

/** Logins: making, refreshing, listing and ending them. */
export const sessions = (deps: SessionDeps) => {
  const { logins } = deps
  return implement(contract.core.sessions, {
    login: login(deps),
    prove: prove(deps),
    refresh: refresh(deps),
    async logout({ ctx, fail }) {
      const { userId } = ctx.actor
      const loginId = loginOf(ctx.actor)
      ctx.audit({ target: loginId })
      // Only another call can have ended it since the caller was let in.
      const ended = await logins.end(ctx.db, { userId, only: loginId }, 'logout', ctx.now)
      if (ended === 0) fail('TOKEN_REVOKED')
      clearTokenCookies(ctx)
      return { loginId, endedAt: ctx.now.toISOString() }
    },
    async deleteAll({ input: { keepCurrent }, ctx }) {
      const { userId, loginId } = ctx.actor
      const which = { userId, except: keepCurrent ? loginId : null }
      const endedLogins = await logins.end(ctx.db, which, 'ended', ctx.now)
      // A thief may have asked for it, whom this is to keep out.
      await forgetPendingEmail(ctx.db, userId, ctx.now)
      if (!keepCurrent) clearTokenCookies(ctx)
      ctx.audit({ target: userId })
      return { endedLogins, endedAt: ctx.now.toISOString() }
    },
    async list({ input: { limit, cursor }, ctx }) {
      const { userId, loginId } = ctx.actor
      const { items, nextCursor } = await logins.list(ctx.db, { userId, limit, cursor }, ctx.now)
      return {
        items: items.map((each) => toLogin(each, loginId)),
        nextCursor,
      }
    },
    async delete({ input: { id }, ctx, fail }) {
      const { userId, loginId } = ctx.actor
      if ((await logins.end(ctx.db, { userId, only: id }, 'ended', ctx.now)) === 0) fail('NOT_FOUND')
      if (id === loginId) clearTokenCookies(ctx)
      return { loginId: id, endedAt: ctx.now.toISOString() }
    },
  })
}
