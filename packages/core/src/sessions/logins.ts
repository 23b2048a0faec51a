import type { PortalName } from '@plinth/contract'
import type { WriteDb } from '@plinth/db'
import type { LoginStore } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { CoreSettings } from '../settings.ts'
import { newToken, tokenHash } from '../tokens.ts'
import { SessionWriter } from './adapter.ts'
import { luciaOf } from './lucia.ts'

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

/** Where a login comes from, as a handler's context tells it, and the transaction that it is written in. */
interface Origin {
  readonly db: WriteDb<CoreDb>
  readonly address: string
  readonly userAgent: string | null
  readonly now: Date
}

/** Records a login that starts now. */
export const startLogin = async (
  store: LoginStore,
  { db, address, userAgent, now }: Origin,
  login: LoginOfTokens,
  lifetimes: Lifetimes,
): Promise<void> => {
  const at = now.toISOString()
  const life = { createdAt: at, refreshedAt: at, expiresAt: loginExpiry(now, lifetimes) }
  await store.start(db, { ...login, address, userAgent, ...life })
}

/** Makes a new pair of tokens for a login. */
export const issueTokens = async (
  store: LoginStore,
  { db, now }: Pick<Origin, 'db' | 'now'>,
  { id: loginId, userId, portal, role }: LoginOfTokens & { readonly role: string },
  lifetimes: Lifetimes,
): Promise<TokenPair> => {
  const accessToken = newToken('access')
  const accessTokenExpiresAt = later(now, lifetimes.accessTokenMs)
  const refreshToken = newToken('refresh')
  const refreshTokenExpiresAt = loginExpiry(now, lifetimes)
  const refresh = { hash: tokenHash(refreshToken), expiresAt: refreshTokenExpiresAt }
  const writer = new SessionWriter(store, now, (access) =>
    store.addTokens(db, { loginId, userId, role, access, refresh }, now),
  )
  const attributes = { loginId, portal, expiresAt: accessTokenExpiresAt }
  await luciaOf(writer).createSession(userId, attributes, { sessionId: accessToken })
  return { accessToken, accessTokenExpiresAt, refreshToken, refreshTokenExpiresAt }
}
