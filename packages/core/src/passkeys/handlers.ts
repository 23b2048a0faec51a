import { contract } from '@plinth/contract'
import { keyset, pageOf, type SortField } from '@plinth/db'
import type { Handler } from '@plinth/kit'
import { hasWayIn } from '../access/ways-in.ts'
import { heldUserById } from '../accounts/queries.ts'
import type { CoreDb } from '../db.ts'
import { implement } from '../implement.ts'
import type { SessionDeps } from '../sessions/handlers.ts'
import { signIn as startSignIn } from '../sessions/sign-in.ts'
import { proofOptions, registrationOptions, signInOptions } from './options.ts'
import { toPasskey } from './queries.ts'
import { register } from './register.ts'
import { present, usePasskey } from './use.ts'

const NEWEST_FIRST: readonly SortField[] = [{ column: 'id', direction: 'desc' }]

const signIn = (deps: SessionDeps): Handler<typeof contract.core.passkeys.signIn, CoreDb> => ({
  async prepare({ input, ctx: { db } }) {
    const presented = await present(deps.settings.passkeys, db, input.credential)
    return async ({ ctx, fail }) => {
      const owner = presented.known?.user_id
      if (owner !== undefined) ctx.audit({ actorId: owner, target: owner })
      const what = { purpose: 'sign-in', loginId: null } as const
      const user = await usePasskey(ctx, deps.logins, presented, what)
      if (!user) return fail('PASSKEY_REFUSED', { commit: true })
      return startSignIn(deps, ctx, user, { ...input, method: 'passkey' }, (code) =>
        fail(code, { commit: true }),
      )
    }
  },
})

/** Passkeys: making, listing and removing them, and signing in with them. */
export const passkeys = (deps: SessionDeps) => {
  const site = deps.settings.passkeys
  return implement(
    contract.core.passkeys,
    {
      async list({ input: { limit, cursor }, ctx }) {
        const rows = await keyset(ctx.db.selectFrom('passkeys').selectAll(), NEWEST_FIRST, cursor)
          .where('user_id', '=', ctx.actor.userId)
          .limit(limit + 1)
          .execute()
        const { items, nextCursor } = pageOf(rows, limit, NEWEST_FIRST)
        return { items: items.map(toPasskey), nextCursor }
      },

      registrationOptions: registrationOptions(site),
      register: register(site),

      async update({ input: { id, name }, ctx, fail }) {
        const { userId } = ctx.actor
        const row = await ctx.db
          .updateTable('passkeys')
          .set({ name, updated_at: ctx.now.toISOString(), updated_by: userId })
          .where('id', '=', id)
          .where('user_id', '=', userId)
          .returningAll()
          .executeTakeFirst()
        return toPasskey(row ?? fail('NOT_FOUND'))
      },

      async delete({ input: { id }, ctx, fail }) {
        const { userId } = ctx.actor
        await heldUserById.first(ctx.db, { id: userId })
        const row = await ctx.db
          .deleteFrom('passkeys')
          .where('id', '=', id)
          .where('user_id', '=', userId)
          .returning(['name', 'suspended_at'])
          .executeTakeFirst()
        const { name, suspended_at: suspendedAt } = row ?? fail('NOT_FOUND')
        // One that was suspended was no way in any more.
        if (suspendedAt === null && !(await hasWayIn(ctx.db, userId))) fail('LAST_WAY_IN')
        const at = ctx.now.toISOString()
        ctx.emit('passkeys.removed', { userId, at, name })
        return { id, deletedAt: at }
      },

      signInOptions: signInOptions(site),
      signIn: signIn(deps),
      proofOptions: proofOptions(site),
    },
    { 'passkeys.credential_id': 'PASSKEY_TAKEN' },
  )
}
