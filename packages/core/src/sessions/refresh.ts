import type { contract } from '@plinth/contract'
import type { FoundRefresh, Handler } from '@plinth/kit'
import { toAccount, userById } from '../accounts/queries.ts'
import type { CoreDb } from '../db.ts'
import { tokenHash, tokenType } from '../tokens.ts'
import { refreshCookie, setTokenCookies } from './cookies.ts'
import type { SessionDeps } from './handlers.ts'
import { issueTokens, loginExpiry } from './logins.ts'
import { refusalOfState, standingOf } from './standing.ts'

/** Why a token that was not spent yet can not be exchanged; null where it can, or was spent. */
const refusalOf = (
  { used, ended, expiresAt }: FoundRefresh,
  at: string,
): 'TOKEN_REVOKED' | 'TOKEN_EXPIRED' | null => {
  if (used) return null
  if (ended) return 'TOKEN_REVOKED'
  return expiresAt <= at ? 'TOKEN_EXPIRED' : null
}

type Call = Parameters<
  Extract<Handler<typeof contract.core.sessions.refresh, CoreDb>, (...given: never[]) => unknown>
>[0]

const tokenFrom = ({ refreshToken }: Call['input'], ctx: Call['ctx'], fail: Call['fail']): string => {
  const token = refreshToken ?? refreshCookie(ctx) ?? fail('NOT_SIGNED_IN')
  const type = tokenType(token) ?? fail('TOKEN_MALFORMED')
  return type === 'refresh' ? token : fail('TOKEN_WRONG_TYPE')
}

/**
 * Exchanges a refresh token for a new pair. A token that comes a second time was stolen, before or after its holder
 * used it: its whole login ends. That holds for calls at the same time too, so a client must not refresh twice.
 */
export const refresh =
  ({ logins, settings }: SessionDeps): Handler<typeof contract.core.sessions.refresh, CoreDb> =>
  async ({ input, ctx, fail }) => {
    const token = tokenFrom(input, ctx, fail)
    const hash = tokenHash(token)
    const found = (await logins.findRefresh(ctx.db, hash)) ?? fail('TOKEN_UNKNOWN')
    const { userId, loginId, portal, endsAt } = found
    ctx.audit({ actorId: userId, target: loginId })
    const refusal = refusalOf(found, ctx.now.toISOString())
    if (refusal) fail(refusal)
    if (!(await logins.spend(ctx.db, hash, ctx.now))) {
      await logins.end(ctx.db, { userId, only: loginId }, 'token-reused', ctx.now)
      ctx.emit('accounts.tokenReused', { userId, loginId })
      fail('TOKEN_REUSED', { commit: true })
    }
    const renewed = { id: loginId, expiresAt: loginExpiry(ctx.now, settings, endsAt) }
    if (!(await logins.renew(ctx.db, renewed, ctx.now))) fail('TOKEN_REVOKED')
    const user = (await userById.first(ctx.db, { id: userId })) ?? fail('TOKEN_UNKNOWN')
    const refusedState = refusalOfState(user)
    if (refusedState) fail(refusedState)
    const standing = await standingOf(ctx.db, user)
    const tokens = await issueTokens(logins, ctx, { id: loginId, userId, portal, standing, endsAt }, settings)
    const answer = { loginId, account: toAccount(user), deviceToken: null }
    if (input.refreshToken !== undefined) return { ...answer, tokens }
    setTokenCookies(ctx, tokens)
    return { ...answer, tokens: null }
  }
