import { contract } from '@plinth/contract'
import { changed } from '@plinth/kit'
import { updateProfile } from '../accounts/update-profile.ts'
import { implement } from '../implement.ts'
import type { SessionDeps } from '../sessions/handlers.ts'
import { closeAccount } from './close.ts'
import { holdUser, isLastSuperAdmin, outranks } from './guards.ts'
import { impersonate } from './impersonate.ts'
import { listDeletedUsers, listUsers, toUser } from './queries.ts'
import { reach } from './reach.ts'
import { rights } from './rights.ts'
import { states } from './states.ts'

/** Accounts as administrators manage them. Nobody acts on who may do as much, and one account may always do all. */
export const users = (deps: SessionDeps) => {
  const { logins } = deps
  return implement(
    contract.core.users,
    {
      async list({ input: { limit, cursor, ...filter }, ctx }) {
        const { items, nextCursor } = await listUsers(ctx.db, filter, { limit, cursor })
        return { items: items.map(toUser), nextCursor }
      },

      async listDeleted({ input, ctx }) {
        const { items, nextCursor } = await listDeletedUsers(ctx.db, input)
        return { items: items.map(toUser), nextCursor }
      },

      async get({ input: { id }, ctx, fail }) {
        if (!ctx.scope.all && id !== ctx.scope.userId) fail('NOT_FOUND')
        const user = await ctx.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
        return user && (ctx.scope.all || user.deleted_at === null) ? toUser(user) : fail('NOT_FOUND')
      },

      async update({ input: { id, ...profile }, ctx, fail }) {
        if (!ctx.scope.all && id !== ctx.scope.userId) fail('NOT_FOUND')
        const held = id === ctx.actor.userId ? await holdUser(ctx.db, id) : await reach(ctx, id, fail)
        const user = held ?? fail('NOT_FOUND')
        return toUser(await updateProfile(ctx, user, profile))
      },

      async delete({ input: { id }, ctx, fail }) {
        if (!ctx.scope.all && id !== ctx.scope.userId) fail('NOT_FOUND')
        const held = id === ctx.actor.userId ? await holdUser(ctx.db, id) : await reach(ctx, id, fail)
        const user = held ?? fail('NOT_FOUND')
        if (await isLastSuperAdmin(ctx.db, user)) fail('LAST_SUPER_ADMIN')
        ctx.emit('accounts.deleted', { userId: id })
        return closeAccount(logins, ctx, id)
      },

      async restore({ input: { id }, ctx, fail }) {
        const user = (await holdUser(ctx.db, id)) ?? fail('NOT_FOUND')
        if (!(await outranks(ctx.db, ctx.actor, user))) fail('OUTRANKED', { commit: true })
        if (user.deleted_at === null) fail('NOT_DELETED')
        const restored = await ctx.db
          .updateTable('users')
          .set({ deleted_at: null, ...changed(ctx) })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow()
        return toUser(restored)
      },

      ...rights(logins),
      ...states(logins),
      impersonate: impersonate(deps),
    },
    { 'users.email': 'EMAIL_TAKEN', 'users.portal,email': 'EMAIL_TAKEN' },
  )
}
