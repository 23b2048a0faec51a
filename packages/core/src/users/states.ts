import type { contract } from '@plinth/contract'
import type { Handlers, LoginStore } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { endAll, setState } from './close.ts'
import { isLastSuperAdmin } from './guards.ts'
import { toUser } from './queries.ts'
import { reach } from './reach.ts'

type States = Pick<typeof contract.core.users, 'disable' | 'enable' | 'ban' | 'unban' | 'logout'>

/** Keeping accounts from being used, and letting them be used again. */
export const states = (logins: LoginStore): Handlers<States, CoreDb> => ({
  async disable({ input: { id, reason }, ctx, fail }) {
    const user = await reach(ctx, id, fail)
    if (await isLastSuperAdmin(ctx.db, user)) fail('LAST_SUPER_ADMIN')
    // Else whoever may take back the one would take back the other with it.
    if (user.state !== 'active') fail('NOT_ACTIVE')
    ctx.emit('accounts.stateChanged', { userId: id, state: 'disabled' })
    return toUser(await setState(logins, ctx, id, { state: 'disabled', reason: reason ?? null }))
  },

  async enable({ input: { id }, ctx, fail }) {
    const user = await reach(ctx, id, fail)
    if (user.state !== 'disabled') fail('NOT_DISABLED')
    ctx.emit('accounts.stateChanged', { userId: id, state: 'active' })
    return toUser(await setState(logins, ctx, id, { state: 'active', reason: null }))
  },

  async ban({ input: { id, reason }, ctx, fail }) {
    const user = await reach(ctx, id, fail)
    if (await isLastSuperAdmin(ctx.db, user)) fail('LAST_SUPER_ADMIN')
    // Else whoever may take back the one would take back the other with it.
    if (user.state !== 'active') fail('NOT_ACTIVE')
    ctx.emit('accounts.stateChanged', { userId: id, state: 'banned' })
    return toUser(await setState(logins, ctx, id, { state: 'banned', reason }))
  },

  async unban({ input: { id }, ctx, fail }) {
    const user = await reach(ctx, id, fail)
    if (user.state !== 'banned') fail('NOT_BANNED')
    ctx.emit('accounts.stateChanged', { userId: id, state: 'active' })
    return toUser(await setState(logins, ctx, id, { state: 'active', reason: null }))
  },

  async logout({ input: { id }, ctx, fail }) {
    await reach(ctx, id, fail)
    return { id, endedLogins: await endAll(logins, ctx, id, 'forced') }
  },
})
