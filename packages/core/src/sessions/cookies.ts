import { ACCESS_COOKIE } from '@plinth/kit'
import type { TokenPair } from './logins.ts'

/** The cookie of the refresh token. Its path is `/`: refresh is served over REST and over tRPC. */
const REFRESH_COOKIE = 'plinth_refresh'

/** The part of a handler's context that reads and sets cookies. */
export interface Cookies {
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

/** The cookie by which a browser's device is recognised; it outlives logins. */
const DEVICE_COOKIE = 'plinth_device'
// The longest that browsers keep one (RFC 6265bis, section 5.5).
const DEVICE_COOKIE_MS = 400 * 24 * 3_600_000

/** The token of the device that the caller keeps as a cookie. */
export const deviceCookie = (ctx: Pick<Cookies, 'cookie'>): string | undefined => ctx.cookie(DEVICE_COOKIE)

/** Lets the caller's browser be recognised when somebody signs in with it again. */
export const setDeviceCookie = (ctx: Cookies, token: string, now: Date): void =>
  ctx.setCookie(DEVICE_COOKIE, token, { path: '/', expires: new Date(now.getTime() + DEVICE_COOKIE_MS) })

/** Removes the cookies that the caller has. */
export const clearTokenCookies = (ctx: Cookies): void => {
  for (const name of [ACCESS_COOKIE, REFRESH_COOKIE])
    if (ctx.cookie(name) !== undefined) ctx.setCookie(name, null, { path: '/', expires: new Date(0) })
}
