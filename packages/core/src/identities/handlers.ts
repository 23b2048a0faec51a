import { contract, ProviderName } from '@plinth/contract'
import { type Database, keyset, pageOf, type SortField } from '@plinth/db'
import type { IdentityProviders, KitTables, Vault } from '@plinth/kit'
import { hasWayIn } from '../access/ways-in.ts'
import { heldUserById } from '../accounts/queries.ts'
import { implement } from '../implement.ts'
import type { SessionDeps } from '../sessions/handlers.ts'
import { beginLink, beginSignIn } from './begin.ts'
import { complete } from './complete.ts'
import { link } from './link.ts'
import { toIdentity } from './queries.ts'

/** What others' sign-ins are used with. */
export interface IdentityDeps extends SessionDeps {
  readonly db: Database<KitTables>
  readonly vault: Vault
  readonly identityProviders: IdentityProviders
  readonly isDisposable: (email: string) => boolean
}

const NEWEST_FIRST: readonly SortField[] = [{ column: 'id', direction: 'desc' }]

/** Identities: signing in with providers, and linking them to the own account. */
export const identities = (deps: IdentityDeps) => {
  const items = ProviderName.options.flatMap((provider) => {
    const on = deps.identityProviders.get(provider)
    return on ? [{ provider, scopes: [...on.scopes] }] : []
  })
  return implement(
    contract.core.identities,
    {
      listProviders: async () => ({ items }),
      begin: beginSignIn(deps),
      complete: complete(deps),
      beginLink: beginLink(deps),
      link: link(deps),

      async list({ input: { limit, cursor }, ctx }) {
        const rows = await keyset(ctx.db.selectFrom('identities').selectAll(), NEWEST_FIRST, cursor)
          .where('user_id', '=', ctx.actor.userId)
          .limit(limit + 1)
          .execute()
        const page = pageOf(rows, limit, NEWEST_FIRST)
        return { items: page.items.map(toIdentity), nextCursor: page.nextCursor }
      },

      async delete({ input: { id }, ctx, fail }) {
        const { userId } = ctx.actor
        await heldUserById.first(ctx.db, { id: userId })
        const row = await ctx.db
          .deleteFrom('identities')
          .where('id', '=', id)
          .where('user_id', '=', userId)
          .returning('provider')
          .executeTakeFirst()
        const { provider } = row ?? fail('NOT_FOUND')
        if (!(await hasWayIn(ctx.db, userId))) fail('LAST_WAY_IN')
        ctx.emit('identities.unlinked', { userId, provider })
        return { id, deletedAt: ctx.now.toISOString() }
      },
    },
    { 'identities.provider,subject': 'IDENTITY_TAKEN', 'users.email': 'EMAIL_TAKEN' },
  )
}
