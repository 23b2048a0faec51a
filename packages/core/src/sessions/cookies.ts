import { ACCESS_COOKIE } from '@plinth/kit'
import type { TokenPair } from './logins.ts'

/** The cookie of the refresh token. Its path is `/`: refresh is served over REST and over tRPC. */
const REFRESH_COOKIE = 'plinth_refresh'

interface Cookies {
  cookie(name: string): string | undefined
  setCookie(name: string, value: string | null, options: { path: string; expires: Date }): void
}

/**
 * Sets both tokens as cookies. The access cookie outlives its token on purpose: a browser that sends a stale one
 * learns that it has to refresh, and a refresh by cookie is held to the same check of its origin as other writes.
 */
export const setTokenCookies = (ctx: Cookies, tokens: TokenPair): void => {
  const options = { path: '/', expires: new Date(tokens.refreshTokenExpiresAt) }
  ctx.setCookie(ACCESS_COOKIE, tokens.accessToken, options)
  ctx.setCookie(REFRESH_COOKIE, tokens.refreshToken, options)
}

/**
 * The refresh token that the caller keeps as a cookie. It counts only beside an access cookie, be it stale: without
 * one, nobody has checked where the call comes from.
 */
export const refreshCookie = (ctx: Pick<Cookies, 'cookie'>): string | undefined =>
  ctx.cookie(ACCESS_COOKIE) === undefined ? undefined : ctx.cookie(REFRESH_COOKIE)

/** Removes the cookies that the caller has. */
export const clearTokenCookies = (ctx: Cookies): void => {
  for (const name of [ACCESS_COOKIE, REFRESH_COOKIE])
    if (ctx.cookie(name) !== undefined) ctx.setCookie(name, null, { path: '/', expires: new Date(0) })
}
