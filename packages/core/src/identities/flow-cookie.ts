import type { Cookies } from '../sessions/cookies.ts'
import { tokenHash } from '../tokens.ts'

// One for each sign-in, so that those in two tabs do not meet.
const nameOf = (state: string): string => `plinth_flow_${tokenHash(state).slice(0, 16)}`

/** Ties a sign-in at a provider to this browser. */
export const setFlowCookie = (ctx: Cookies, state: string, flowToken: string, expires: Date): void =>
  ctx.setCookie(nameOf(state), flowToken, { path: '/', expires })

/** What ties a sign-in to the browser that it was begun in, as the caller keeps it in a cookie. */
export const flowCookie = (ctx: Cookies, state: string): string | undefined => ctx.cookie(nameOf(state))

/** Removes it, where the caller has it. */
export const clearFlowCookie = (ctx: Cookies, state: string): void => {
  if (flowCookie(ctx, state) !== undefined)
    ctx.setCookie(nameOf(state), null, { path: '/', expires: new Date(0) })
}
