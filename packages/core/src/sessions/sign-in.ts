import type { PortalName, SignedIn } from '@plinth/contract'
import type { Row } from '@plinth/db'
import type { LoginStore, newId } from '@plinth/kit'
import { toAccount } from '../accounts/queries.ts'
import type { UsersTable } from '../accounts/tables.ts'
import { checkScopes, storedScopes } from '../api-keys/scopes.ts'
import { type Cookies, deviceCookie, setDeviceCookie, setTokenCookies } from './cookies.ts'
import { recogniseDevice, whereabouts } from './devices.ts'
import type { SessionDeps } from './handlers.ts'
import { issueTokens, type Origin, startLogin } from './logins.ts'
import { refusalOfState, standingOf } from './standing.ts'
import { suspicionsOf } from './suspicion.ts'

/** What signing in works with of a handler's context: that of any mutation. */
export interface SignInContext extends Origin, Cookies {
  newId(prefix: Parameters<typeof newId>[0]): string
  emit(type: string, payload: Readonly<Record<string, unknown>>): void
  audit(entry: { readonly target?: string; readonly actorId?: string }): void
}

/** How somebody proved who they are, and what they ask for. */
export interface SignInRequest {
  /** Such as `password`, `passkey` or `google`. */
  readonly method: string
  readonly transport: 'bearer' | 'cookie'
  readonly deviceToken?: string | undefined
  readonly deviceName?: string | undefined
  readonly scopes?: readonly string[] | undefined
}

type Refusal = 'ACCOUNT_DISABLED' | 'ACCOUNT_BANNED' | 'ACCOUNT_PENDING' | 'TOO_MANY_LOGINS'
type Refuse = (code: Refusal) => never

const makeRoom = async (
  logins: LoginStore,
  { maxPerUser, whenFull }: SessionDeps['settings'],
  { db, now }: Origin,
  userId: string,
): Promise<boolean> => {
  const beyond = await logins.beyond(db, userId, maxPerUser - 1, now)
  if (beyond.length > 0 && whenFull === 'refuse') return false
  for (const only of beyond) await logins.end(db, { userId, only }, 'too-many', now)
  return true
}

const seeDevice = async (
  deps: SessionDeps,
  ctx: SignInContext,
  user: Row<UsersTable>,
  how: SignInRequest,
) => {
  const country = await deps.countryOf(ctx.address)
  const earlier = await whereabouts(ctx, user.id)
  const token = how.deviceToken ?? deviceCookie(ctx)
  const device = await recogniseDevice(ctx, user.id, { token, name: how.deviceName, country })
  const known = device.before !== null
  const suspicions = suspicionsOf({ known, country, now: ctx.now, earlier, placesOf: deps.placesOf })
  return { country, device, suspicions }
}

/**
 * Signs in somebody who has proved who they are, in the transaction that holds their row: looks whether the account may
 * be used, makes room where there are too many logins, recognises the device, starts the login and issues its tokens.
 */
export const signIn = async (
  deps: SessionDeps,
  ctx: SignInContext,
  user: Row<UsersTable>,
  how: SignInRequest,
  refuse: Refuse,
): Promise<SignedIn> => {
  const { logins, settings } = deps
  if (how.scopes) checkScopes(how.scopes)
  const refusal = refusalOfState(user)
  if (refusal) refuse(refusal)
  if (!(await makeRoom(logins, settings, ctx, user.id))) refuse('TOO_MANY_LOGINS')
  const { country, device, suspicions } = await seeDevice(deps, ctx, user, how)
  const portal: PortalName | null = user.portal
  const made = { id: ctx.newId('lgn'), userId: user.id, portal }
  const { endsAt } = await startLogin(
    logins,
    ctx,
    {
      ...made,
      country,
      method: how.method,
      deviceId: device.id,
      scopes: how.scopes ? storedScopes(how.scopes) : null,
      impersonatedBy: null,
      suspicion: suspicions.length > 0 ? suspicions.join(' ') : null,
    },
    settings,
  )
  const standing = await standingOf(ctx.db, user)
  const tokens = await issueTokens(logins, ctx, { ...made, standing, endsAt }, settings)
  ctx.audit({ actorId: user.id, target: made.id })
  if (suspicions.length > 0)
    ctx.emit('accounts.suspiciousSignIn', { userId: user.id, loginId: made.id, suspicions })
  const account = toAccount(user)
  if (how.transport === 'bearer') return { loginId: made.id, account, tokens, deviceToken: device.token }
  setTokenCookies(ctx, tokens)
  if (device.token) setDeviceCookie(ctx, device.token, ctx.now)
  return { loginId: made.id, account, tokens: null, deviceToken: null }
}
