import type { contract, ProviderName } from '@plinth/contract'
import type { WriteDb } from '@plinth/db'
import type { Fail, Handler } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { safeRedirect } from '../guard/redirects.ts'
import type { Cookies } from '../sessions/cookies.ts'
import { newToken, tokenHash } from '../tokens.ts'
import { setFlowCookie } from './flow-cookie.ts'
import type { IdentityDeps } from './handlers.ts'
import { sealProof } from './sealed.ts'

type Identities = typeof contract.core.identities
type Refuse = Fail<'PROVIDER_OFF' | 'REDIRECT_REFUSED'>

interface Begin {
  readonly provider: ProviderName
  readonly redirectUrl?: string | undefined
  readonly returnTo?: string | undefined
  readonly transport: 'bearer' | 'cookie'
}

interface BeginContext extends Cookies {
  readonly db: WriteDb<CoreDb>
  readonly now: Date
}

const targetsOf = (
  { settings: { social } }: IdentityDeps,
  { provider, redirectUrl, returnTo }: Begin,
  refuse: Refuse,
) => {
  const allowed = social.redirectUrls.map((url) => url.replaceAll('{provider}', provider))
  const chosen = redirectUrl ?? allowed[0]
  if (chosen === undefined || !allowed.includes(chosen))
    return refuse('REDIRECT_REFUSED', {
      errors: [{ path: 'redirectUrl', message: 'is none of those that the server allows' }],
    })
  const safe = returnTo === undefined ? null : safeRedirect(returnTo, allowed)
  if (returnTo !== undefined && safe === null)
    return refuse('REDIRECT_REFUSED', {
      errors: [{ path: 'returnTo', message: 'must be a path, or an address of an allowed origin' }],
    })
  return { redirectUrl: chosen, returnTo: safe }
}

/**
 * Begins a sign-in at a provider. What only this browser gets (`flowToken`) and what goes through the provider (`state`)
 * are both needed to complete it, so that neither a stolen nor a foisted callback is of use.
 */
const begin = async (
  deps: IdentityDeps,
  ctx: BeginContext,
  input: Begin,
  userId: string | null,
  fail: Refuse,
) => {
  const provider = deps.identityProviders.get(input.provider) ?? fail('PROVIDER_OFF')
  const { redirectUrl, returnTo } = targetsOf(deps, input, fail)
  const [state, flowToken] = [newToken('state'), newToken('flow')]
  const stateHash = tokenHash(state)
  const proof = await provider.newProof()
  const expiresAt = new Date(ctx.now.getTime() + deps.settings.social.flowMs)
  await ctx.db
    .insertInto('provider_flows')
    .values({
      state_hash: stateHash,
      flow_hash: tokenHash(flowToken),
      provider: input.provider,
      purpose: userId === null ? 'sign-in' : 'link',
      user_id: userId,
      proof: sealProof(deps.vault, stateHash, proof),
      redirect_url: redirectUrl,
      return_to: returnTo,
      created_at: ctx.now.toISOString(),
      expires_at: expiresAt.toISOString(),
      claimed_at: null,
      identified: null,
    })
    .execute()
  const byCookie = input.transport === 'cookie'
  if (byCookie) setFlowCookie(ctx, state, flowToken, expiresAt)
  return {
    url: await provider.authorizationUrl(state, redirectUrl, proof),
    state,
    flowToken: byCookie ? null : flowToken,
    expiresAt: expiresAt.toISOString(),
  }
}

/** Begins to sign in with a provider. */
export const beginSignIn =
  (deps: IdentityDeps): Handler<Identities['begin'], CoreDb> =>
  ({ input, ctx, fail }) =>
    begin(deps, ctx, input, null, fail)

/** Begins to link an identity to the own account. */
export const beginLink =
  (deps: IdentityDeps): Handler<Identities['beginLink'], CoreDb> =>
  ({ input, ctx, fail }) =>
    begin(deps, ctx, input, ctx.actor.userId, fail)
