import type { contract, ProviderName } from '@plinth/contract'
import type { Context, Fail, Handler, ProvenIdentity } from '@plinth/kit'
import { identityCount } from '../access/ways-in.ts'
import { heldUserById } from '../accounts/queries.ts'
import type { CoreDb } from '../db.ts'
import { claim, endFlow, holdFlow } from './claim.ts'
import { clearFlowCookie } from './flow-cookie.ts'
import type { IdentityDeps } from './handlers.ts'
import { addIdentity, lockIdentity, ownerOf, toIdentity } from './queries.ts'

type Refuse = Fail<'ALREADY_LINKED' | 'IDENTITY_TAKEN' | 'IDENTITIES_FULL'>

const add = async (
  { db, settings }: IdentityDeps,
  ctx: Context<CoreDb, 'mutation', 'user', true>,
  provider: ProviderName,
  identity: ProvenIdentity,
  refuse: Refuse,
) => {
  const { userId } = ctx.actor
  await lockIdentity(db, ctx.db, provider, identity)
  const owner = await ownerOf(ctx.db, provider, identity)
  if (owner) refuse(owner.user.id === userId ? 'ALREADY_LINKED' : 'IDENTITY_TAKEN', { commit: true })
  if (!(await heldUserById.first(ctx.db, { id: userId }))) refuse('NOT_FOUND')
  const isFull = (await identityCount(ctx.db, userId)) >= settings.social.most
  if (isFull) refuse('IDENTITIES_FULL', { commit: true })
  return addIdentity(ctx, userId, provider, identity, null)
}

/** Links an identity to the account that began it. Of many accounts that bring the same one at once, one gets it. */
export const link = (deps: IdentityDeps): Handler<typeof contract.core.identities.link, CoreDb> => ({
  async prepare({ input, ctx: before, fail: refuse }) {
    const claimed = await claim(deps, before, input, before.actor.userId, refuse)
    return async ({ ctx, fail }) => {
      if (typeof claimed === 'string') return fail(claimed, { commit: true })
      const { userId } = ctx.actor
      const { provider } = input
      const { identity, stateHash } = claimed
      const flow = (await holdFlow(ctx.db, stateHash)) ?? fail('STATE_UNKNOWN')
      await endFlow(ctx.db, stateHash)
      const row = await add(deps, ctx, provider, identity, fail)
      ctx.audit({ target: row.id })
      ctx.emit('identities.linked', { userId, provider })
      clearFlowCookie(ctx, input.state)
      return { identity: toIdentity(row), returnTo: flow.return_to }
    }
  },
})
