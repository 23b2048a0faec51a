import { contract, type PortalName } from '@plinth/contract'
import type { Files, Handlers } from '@plinth/kit'
import { updateProfile } from '../accounts/update-profile.ts'
import type { Weakness } from '../accounts/weak-passwords.ts'
import type { CoreDb } from '../db.ts'
import { implement } from '../implement.ts'
import { clearTokenCookies } from '../sessions/cookies.ts'
import type { SessionDeps } from '../sessions/handlers.ts'
import { createLockout } from '../sessions/lockout.ts'
import { login } from '../sessions/login.ts'
import { loginOf } from '../sessions/login-of.ts'
import { holdUser } from '../users/guards.ts'
import { images } from './image.ts'
import { managing } from './invite.ts'
import { profileOf, toProfile } from './profiles.ts'
import { register } from './register.ts'

/** What the operations of portals work with. */
export interface PortalDeps extends SessionDeps {
  readonly weakness: Weakness
  readonly files: Files
  readonly maxImageBytes: number
}

type Own = Pick<typeof contract.core.organizers, 'logout' | 'get' | 'update'>

const own = ({ logins, files }: PortalDeps): Handlers<Own, CoreDb> => ({
  async logout({ ctx, fail }) {
    const { userId } = ctx.actor
    const loginId = loginOf(ctx.actor)
    ctx.audit({ target: loginId })
    const ended = await logins.end(ctx.db, { userId, only: loginId }, 'logout', ctx.now)
    if (ended === 0) fail('TOKEN_REVOKED')
    clearTokenCookies(ctx)
    return { loginId, endedAt: ctx.now.toISOString() }
  },
  async get({ ctx, fail }) {
    return toProfile(files, (await profileOf(ctx.db, ctx.actor.userId)) ?? fail('NOT_FOUND'))
  },
  async update({ input: { organization, ...profile }, ctx, fail }) {
    const { userId } = ctx.actor
    const user = (await holdUser(ctx.db, userId)) ?? fail('NOT_FOUND')
    await updateProfile(ctx, user, profile)
    await ctx.db
      .updateTable('portal_profiles')
      .set({ organization, updated_at: ctx.now.toISOString(), updated_by: userId })
      .where('user_id', '=', userId)
      .execute()
    ctx.audit({ target: userId })
    return toProfile(files, (await profileOf(ctx.db, userId)) ?? fail('NOT_FOUND'))
  },
})

const handlersOf = (portal: PortalName, deps: PortalDeps) => ({
  register: register(portal, deps),
  login: login({ ...deps, lockout: createLockout(deps.settings.lockout, portal) }, portal),
  ...own(deps),
  ...images(portal, deps),
  ...managing(portal, deps.logins),
})

const TAKEN = { 'users.portal,email': 'EMAIL_TAKEN' } as const

/** The portals: principals of their own, of whom handlers see nothing but who calls. */
export const portals = (deps: PortalDeps) => {
  return {
    organizers: implement(contract.core.organizers, handlersOf('organizer', deps), TAKEN),
    merchants: implement(contract.core.merchants, handlersOf('merchant', deps), TAKEN),
  }
}
