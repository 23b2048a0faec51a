import type { PortalName } from '@plinth/contract'
import type { WriteDb } from '@plinth/db'
import type { CoreDb } from '../db.ts'
import type { CoreSettings } from '../settings.ts'
import { newToken, tokenHash } from '../tokens.ts'
import { SessionWriter } from './adapter.ts'
import { luciaOf } from './lucia.ts'
import type { EndReason } from './tables.ts'

type Lifetimes = Pick<CoreSettings, 'accessTokenMs' | 'refreshTokenMs'>

/** The tokens of a login in clear, for the answer alone. */
export interface TokenPair {
  readonly accessToken: string
  readonly accessTokenExpiresAt: string
  readonly refreshToken: string
  readonly refreshTokenExpiresAt: string
}

interface LoginOfTokens {
  readonly id: string
  readonly userId: string
  readonly portal: PortalName | null
}

const later = (now: Date, ms: number): string => new Date(now.getTime() + ms).toISOString()

/** When a login made or refreshed now will have expired. */
export const loginExpiry = (now: Date, { refreshTokenMs }: Lifetimes): string => later(now, refreshTokenMs)

/** Where a login comes from, as a handler's context tells it. */
interface Origin {
  readonly address: string
  readonly userAgent: string | null
  readonly now: Date
}

/** Records a login that starts now. */
export const startLogin = async (
  db: WriteDb<CoreDb>,
  { address, userAgent, now }: Origin,
  { id, userId, portal }: LoginOfTokens,
  lifetimes: Lifetimes,
): Promise<void> => {
  const at = now.toISOString()
  const from = { address, user_agent: userAgent, created_at: at, refreshed_at: at }
  const life = { expires_at: loginExpiry(now, lifetimes), ended_at: null, end_reason: null }
  await db
    .insertInto('logins')
    .values({ id, user_id: userId, portal, ...from, ...life })
    .execute()
}

/** Makes a new pair of tokens for a login. */
export const issueTokens = async (
  db: WriteDb<CoreDb>,
  now: Date,
  { id: loginId, userId, portal }: LoginOfTokens,
  lifetimes: Lifetimes,
): Promise<TokenPair> => {
  const accessToken = newToken('access')
  const accessTokenExpiresAt = later(now, lifetimes.accessTokenMs)
  const attributes = { loginId, portal, expiresAt: accessTokenExpiresAt }
  await luciaOf(new SessionWriter(db, now)).createSession(userId, attributes, { sessionId: accessToken })
  const refreshToken = newToken('refresh')
  const refreshTokenExpiresAt = loginExpiry(now, lifetimes)
  await db
    .insertInto('refresh_tokens')
    .values({
      hash: tokenHash(refreshToken),
      user_id: userId,
      login_id: loginId,
      created_at: now.toISOString(),
      expires_at: refreshTokenExpiresAt,
      used_at: null,
    })
    .execute()
  return { accessToken, accessTokenExpiresAt, refreshToken, refreshTokenExpiresAt }
}

/** Which logins of a user are meant: one, or all but one. */
type Which = { readonly userId: string } & ({ readonly only: string } | { readonly except: string })

/**
 * Ends logins that are neither ended nor expired, with every token of theirs; answers how many. Tokens look at
 * their login, so this one row is all there is to write.
 */
export const endLogins = async (
  db: WriteDb<CoreDb>,
  now: Date,
  reason: EndReason,
  which: Which,
): Promise<number> => {
  const at = now.toISOString()
  const ended = await db
    .updateTable('logins')
    .set({ ended_at: at, end_reason: reason })
    .where('user_id', '=', which.userId)
    .where('id', 'only' in which ? '=' : '!=', 'only' in which ? which.only : which.except)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', at)
    .executeTakeFirst()
  return Number(ended.numUpdatedRows)
}
