import type { contract } from '@plinth/contract'
import type { WriteDb } from '@plinth/db'
import type { Handler } from '@plinth/kit'
import { toAccount, userById } from '../accounts/queries.ts'
import type { CoreDb } from '../db.ts'
import type { CoreSettings } from '../settings.ts'
import { tokenHash, tokenType } from '../tokens.ts'
import { refreshCookie, setTokenCookies } from './cookies.ts'
import { endLogins, issueTokens, loginExpiry } from './logins.ts'

const find = (db: WriteDb<CoreDb>, token: string) =>
  db
    .selectFrom('refresh_tokens')
    .innerJoin('logins', 'logins.id', 'refresh_tokens.login_id')
    .select(['refresh_tokens.hash', 'refresh_tokens.user_id', 'refresh_tokens.login_id'])
    .select(['refresh_tokens.expires_at', 'refresh_tokens.used_at', 'logins.ended_at', 'logins.portal'])
    .where('refresh_tokens.hash', '=', tokenHash(token))
    .executeTakeFirst()

/** Spends a token; false where it was spent before, by whomever. */
const spend = async (db: WriteDb<CoreDb>, hash: string, at: string): Promise<boolean> => {
  const spent = await db
    .updateTable('refresh_tokens')
    .set({ used_at: at })
    .where('hash', '=', hash)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return spent.numUpdatedRows === 1n
}

/** Ends the access tokens of a login so far and lets the login live on; false where it was ended meanwhile. */
const renew = async (
  db: WriteDb<CoreDb>,
  loginId: string,
  at: string,
  expiresAt: string,
): Promise<boolean> => {
  const renewed = await db
    .updateTable('logins')
    .set({ refreshed_at: at, expires_at: expiresAt })
    .where('id', '=', loginId)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  await db
    .updateTable('sessions')
    .set({ ended_at: at })
    .where('login_id', '=', loginId)
    .where('ended_at', 'is', null)
    .execute()
  return renewed.numUpdatedRows === 1n
}

/** Why a token that was not spent yet can not be exchanged; null where it can, or was spent. */
const refusalOf = (
  token: { used_at: string | null; ended_at: string | null; expires_at: string },
  at: string,
): 'TOKEN_REVOKED' | 'TOKEN_EXPIRED' | null => {
  if (token.used_at !== null) return null
  if (token.ended_at !== null) return 'TOKEN_REVOKED'
  return token.expires_at <= at ? 'TOKEN_EXPIRED' : null
}

/**
 * Exchanges a refresh token for a new pair. A token that comes a second time was stolen, before or after its holder
 * used it: its whole login ends. That holds for calls at the same time too, so a client must not refresh twice.
 */
export const refresh =
  (settings: CoreSettings): Handler<typeof contract.core.sessions.refresh, CoreDb> =>
  async ({ input, ctx, fail }) => {
    const token = input.refreshToken ?? refreshCookie(ctx) ?? fail('NOT_SIGNED_IN')
    const type = tokenType(token) ?? fail('TOKEN_MALFORMED')
    if (type !== 'refresh') fail('TOKEN_WRONG_TYPE')
    const found = (await find(ctx.db, token)) ?? fail('TOKEN_UNKNOWN')
    const { user_id: userId, login_id: loginId } = found
    ctx.audit({ actorId: userId, target: loginId })
    const at = ctx.now.toISOString()
    const refusal = refusalOf(found, at)
    if (refusal) fail(refusal)
    if (!(await spend(ctx.db, found.hash, at))) {
      await endLogins(ctx.db, ctx.now, 'token-reused', { userId, only: loginId })
      fail('TOKEN_REUSED', { commit: true })
    }
    if (!(await renew(ctx.db, loginId, at, loginExpiry(ctx.now, settings)))) fail('TOKEN_REVOKED')
    const account = (await userById.first(ctx.db, { id: userId })) ?? fail('TOKEN_UNKNOWN')
    const tokens = await issueTokens(ctx.db, ctx.now, { id: loginId, userId, portal: found.portal }, settings)
    if (input.refreshToken !== undefined) return { loginId, account: toAccount(account), tokens }
    setTokenCookies(ctx, tokens)
    return { loginId, account: toAccount(account), tokens: null }
  }
