import type { contract, ProviderName } from '@plinth/contract'
import type { Handler, ProvenIdentity } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { demandSecondFactor } from '../second-factors/demand.ts'
import { type SignInContext, signIn } from '../sessions/sign-in.ts'
import { refusalOfState } from '../sessions/standing.ts'
import { claim, endFlow, holdFlow, keepIdentified } from './claim.ts'
import { type Found, findOrCreate } from './find-or-create.ts'
import { clearFlowCookie } from './flow-cookie.ts'
import type { IdentityDeps } from './handlers.ts'
import { addIdentity, lockIdentity } from './queries.ts'

/** Notes that an identity was used; one that an account was found or made by is linked to it now. */
const use = async (
  ctx: SignInContext,
  { user, how }: Found,
  provider: ProviderName,
  identity: ProvenIdentity,
): Promise<void> => {
  const at = ctx.now.toISOString()
  if (how === 'known') {
    await ctx.db
      .updateTable('identities')
      .set({ last_used_at: at, email: identity.email })
      .where('provider', '=', provider)
      .where('subject', '=', identity.subject)
      .execute()
    return
  }
  await addIdentity(ctx, user.id, provider, identity, at)
  if (how === 'address') ctx.emit('identities.linked', { userId: user.id, provider })
}

/**
 * Signs in whom a provider has identified. Where something is missing still (an address, a second factor) the flow stays,
 * and the same browser completes it with that; else it ends with this transaction.
 */
export const complete = (deps: IdentityDeps): Handler<typeof contract.core.identities.complete, CoreDb> => ({
  async prepare({ input, ctx: before, fail: refuse }) {
    const claimed = await claim(deps, before, input, null, refuse)
    return async ({ ctx, fail }) => {
      if (typeof claimed === 'string') return fail(claimed, { commit: true })
      const { provider, secondFactor, email } = input
      const { identity, stateHash } = claimed
      const flow = (await holdFlow(ctx.db, stateHash)) ?? fail('STATE_UNKNOWN')
      await keepIdentified(deps, ctx.db, claimed)
      await lockIdentity(deps.db, ctx.db, provider, identity)
      const found = await findOrCreate(deps, ctx, { provider, identity, email }, fail)
      const { user } = found
      ctx.audit({ actorId: user.id, target: user.id })
      const refusal = refusalOfState(user)
      if (refusal) fail(refusal, { commit: true })
      const factor = await demandSecondFactor(deps.secondFactors, ctx, user, secondFactor, fail)
      await use(ctx, found, provider, identity)
      await endFlow(ctx.db, stateHash)
      const method = factor ? `${provider}+${factor}` : provider
      const signedIn = await signIn(deps, ctx, user, { ...input, method }, (code) =>
        fail(code, { commit: true }),
      )
      clearFlowCookie(ctx, input.state)
      return { ...signedIn, created: found.how === 'created', returnTo: flow.return_to }
    }
  },
})
