import { contract } from '@plinth/contract'
import { keyset, pageOf, type SortField } from '@plinth/db'
import type { Passwords } from '../accounts/passwords.ts'
import { implement } from '../implement.ts'
import type { CoreSettings } from '../settings.ts'
import { clearTokenCookies } from './cookies.ts'
import { login } from './login.ts'
import { endLogins } from './logins.ts'
import { refresh } from './refresh.ts'

const NEWEST_FIRST: readonly SortField[] = [
  { column: 'created_at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
]

/** Logins: making, refreshing, listing and ending them. */
export const sessions = (passwords: Passwords, settings: CoreSettings) =>
  implement(contract.core.sessions, {
    login: login(passwords, settings),
    refresh: refresh(settings),
    async logout({ ctx, fail }) {
      const { userId, loginId } = ctx.actor
      ctx.audit({ target: loginId })
      // Only another call can have ended it since the caller was let in.
      if ((await endLogins(ctx.db, ctx.now, 'logout', { userId, only: loginId })) === 0) fail('TOKEN_REVOKED')
      clearTokenCookies(ctx)
      return { loginId, endedAt: ctx.now.toISOString() }
    },
    async list({ input: { limit, cursor }, ctx }) {
      const rows = await keyset(ctx.db.selectFrom('logins').selectAll(), NEWEST_FIRST, cursor)
        .where('user_id', '=', ctx.actor.userId)
        .where('ended_at', 'is', null)
        .where('expires_at', '>', ctx.now.toISOString())
        .limit(limit + 1)
        .execute()
      const { items, nextCursor } = pageOf(rows, limit, NEWEST_FIRST)
      return {
        items: items.map((row) => ({
          id: row.id,
          current: row.id === ctx.actor.loginId,
          address: row.address,
          userAgent: row.user_agent,
          createdAt: row.created_at,
          refreshedAt: row.refreshed_at,
          expiresAt: row.expires_at,
        })),
        nextCursor,
      }
    },
    async delete({ input: { id }, ctx, fail }) {
      const { userId, loginId } = ctx.actor
      if ((await endLogins(ctx.db, ctx.now, 'ended', { userId, only: id })) === 0) fail('NOT_FOUND')
      if (id === loginId) clearTokenCookies(ctx)
      return { loginId: id, endedAt: ctx.now.toISOString() }
    },
  })
