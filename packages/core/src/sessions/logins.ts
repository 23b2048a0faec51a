import type { PortalName } from '@plinth/contract'
import type { WriteDb } from '@plinth/db'
import type { LoginRecord, LoginStore, Standing } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { CoreSettings } from '../settings.ts'
import { newToken, tokenHash } from '../tokens.ts'
import { SessionWriter } from './adapter.ts'
import { luciaOf } from './lucia.ts'

type Lifetimes = Pick<CoreSettings, 'accessTokenMs' | 'refreshTokenMs' | 'absoluteMs'>

/** The tokens of a login in clear, for the answer alone. */
export interface TokenPair {
  readonly accessToken: string
  readonly accessTokenExpiresAt: string
  readonly refreshToken: string
  readonly refreshTokenExpiresAt: string
}

/** A login for which tokens are made. */
export interface LoginOfTokens {
  readonly id: string
  readonly userId: string
  readonly portal: PortalName | null
  readonly standing: Standing
  /** When it ends, however often it is refreshed. */
  readonly endsAt: string
}

/** What is known of a login that starts now, beside where it comes from. */
export type NewLogin = Omit<LoginOfTokens, 'standing' | 'endsAt'> &
  Pick<LoginRecord, 'method' | 'deviceId' | 'country' | 'scopes' | 'impersonatedBy' | 'suspicion'>

const later = (now: Date, ms: number): string => new Date(now.getTime() + ms).toISOString()

const earlierOf = (one: string, other: string): string => (one < other ? one : other)

const loginEnd = (now: Date, { absoluteMs }: Lifetimes): string => later(now, absoluteMs)

/** When a login made or refreshed now will have expired, unless it is refreshed again. */
export const loginExpiry = (now: Date, { refreshTokenMs }: Lifetimes, endsAt: string): string =>
  earlierOf(later(now, refreshTokenMs), endsAt)

/** Where a login comes from, as a handler's context tells it, and the transaction that it is written in. */
export interface Origin {
  readonly db: WriteDb<CoreDb>
  readonly address: string
  readonly userAgent: string | null
  readonly now: Date
}

/** Records a login that starts now. */
export const startLogin = async (
  store: LoginStore,
  { db, address, userAgent, now }: Origin,
  login: NewLogin,
  lifetimes: Lifetimes,
): Promise<{ endsAt: string }> => {
  const at = now.toISOString()
  const endsAt = loginEnd(now, lifetimes)
  const life = { createdAt: at, refreshedAt: at, provenAt: at, endsAt }
  const expiresAt = loginExpiry(now, lifetimes, endsAt)
  await store.start(db, { ...login, address, userAgent, ...life, expiresAt })
  return { endsAt }
}

// What a look-up reads from the login; with the token nothing of it is kept.
const NOT_KEPT = { portal: null, provenAt: '', scopes: null, impersonatedBy: null }

/** Makes a new pair of tokens for a login. */
export const issueTokens = async (
  store: LoginStore,
  { db, now }: Pick<Origin, 'db' | 'now'>,
  { id: loginId, userId, standing, endsAt }: LoginOfTokens,
  lifetimes: Lifetimes,
): Promise<TokenPair> => {
  const accessToken = newToken('access')
  const accessTokenExpiresAt = earlierOf(later(now, lifetimes.accessTokenMs), endsAt)
  const refreshToken = newToken('refresh')
  const refreshTokenExpiresAt = loginExpiry(now, lifetimes, endsAt)
  const refresh = { hash: tokenHash(refreshToken), expiresAt: refreshTokenExpiresAt }
  const writer = new SessionWriter(store, now, (access) =>
    store.addTokens(db, { loginId, userId, standing, access, refresh }, now),
  )
  const attributes = { loginId, expiresAt: accessTokenExpiresAt, ...NOT_KEPT }
  await luciaOf(writer).createSession(userId, attributes, { sessionId: accessToken })
  return { accessToken, accessTokenExpiresAt, refreshToken, refreshTokenExpiresAt }
}
