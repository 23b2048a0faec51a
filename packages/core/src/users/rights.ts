import type { contract } from '@plinth/contract'
import { changed, type Handlers, type LoginStore } from '@plinth/kit'
import { permissionsOf, SUPER_ADMIN } from '../access/roles.ts'
import type { CoreDb } from '../db.ts'
import { permissionsText } from '../roles/rules.ts'
import { standingOf } from '../sessions/standing.ts'
import { isLastSuperAdmin } from './guards.ts'
import { toUser } from './queries.ts'
import { reach } from './reach.ts'

type Rights = Pick<typeof contract.core.users, 'setRole' | 'setGrants'>

/** What accounts may do. Nobody gives what they do not hold. */
export const rights = (logins: LoginStore): Handlers<Rights, CoreDb> => ({
  async setRole({ input: { id, role }, ctx, fail }) {
    const user = await reach(ctx, id, fail)
    // Held, so that what it may do does not grow while it is given.
    const found = await ctx.db
      .selectFrom('roles')
      .select('rights')
      .where('name', '=', role)
      .forShare()
      .executeTakeFirst()
    const { rights } = found ?? fail('ROLE_UNKNOWN', { errors: [{ path: 'role', message: 'is not a role' }] })
    const given = permissionsOf(role, rights, user.grants)
    if ([...given].some((each) => !ctx.actor.permissions.has(each))) fail('BEYOND_YOURS', { commit: true })
    if (role !== SUPER_ADMIN && (await isLastSuperAdmin(ctx.db, user))) fail('LAST_SUPER_ADMIN')
    const row = await ctx.db
      .updateTable('users')
      .set({ role, ...changed(ctx) })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
    // Whoever may do less from now on does not go on acting for somebody by what they might before.
    await logins.endImpersonations(ctx.db, id, ctx.now)
    await logins.setStanding(ctx.db, id, await standingOf(ctx.db, row))
    return toUser(row)
  },

  async setGrants({ input: { id, permissions }, ctx, fail }) {
    await reach(ctx, id, fail)
    const beyond = permissions.filter((each) => !ctx.actor.permissions.has(each))
    if (beyond.length > 0)
      fail('BEYOND_YOURS', {
        errors: beyond.map((each) => ({ path: 'permissions', message: each })),
        commit: true,
      })
    const grants = permissions.length === 0 ? null : permissionsText(permissions)
    const row = await ctx.db
      .updateTable('users')
      .set({ grants, ...changed(ctx) })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow()
    await logins.endImpersonations(ctx.db, id, ctx.now)
    await logins.setStanding(ctx.db, id, await standingOf(ctx.db, row))
    return toUser(row)
  },
})
