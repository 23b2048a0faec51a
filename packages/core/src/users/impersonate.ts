import type { contract } from '@plinth/contract'
import type { Handler } from '@plinth/kit'
import { toAccount } from '../accounts/queries.ts'
import type { CoreDb } from '../db.ts'
import type { SessionDeps } from '../sessions/handlers.ts'
import { issueTokens, startLogin } from '../sessions/logins.ts'
import { standingOf } from '../sessions/standing.ts'
import { holdUser, outranks } from './guards.ts'

/**
 * Starts a login in which an administrator acts in the place of somebody. It ends after its time, is never fresh, and
 * whoever acts stands in every audit entry; its refresh token is told to nobody.
 */
export const impersonate =
  ({ logins, settings }: SessionDeps): Handler<typeof contract.core.users.impersonate, CoreDb> =>
  async ({ input: { id, reason, minutes }, ctx, fail }) => {
    const user = await holdUser(ctx.db, id)
    if (!user || user.deleted_at !== null) return fail('NOT_FOUND')
    if (user.state !== 'active') fail('NOT_ACTIVE')
    if (!(await outranks(ctx.db, ctx.actor, user))) fail('OUTRANKED', { commit: true })
    const made = { id: ctx.newId('lgn'), userId: user.id, portal: user.portal }
    const lifeMs = minutes * 60_000
    const lives = { ...settings, accessTokenMs: lifeMs, refreshTokenMs: lifeMs, absoluteMs: lifeMs }
    const from = { method: 'impersonation', deviceId: null, country: null, suspicion: null, scopes: null }
    const { endsAt } = await startLogin(
      logins,
      ctx,
      { ...made, ...from, impersonatedBy: ctx.actor.userId },
      lives,
    )
    const standing = await standingOf(ctx.db, user)
    const tokens = await issueTokens(logins, ctx, { ...made, standing, endsAt }, lives)
    ctx.log.info({ userId: id, loginId: made.id, reason }, 'somebody acts in the place of a user')
    ctx.audit({ target: user.id })
    ctx.emit('accounts.impersonated', { userId: user.id, by: ctx.actor.userId, reason })
    return {
      loginId: made.id,
      accessToken: tokens.accessToken,
      expiresAt: tokens.accessTokenExpiresAt,
      account: toAccount(user),
    }
  }
