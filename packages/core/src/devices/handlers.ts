import { contract } from '@plinth/contract'
import { keyset, pageOf, type Row, type SortField } from '@plinth/db'
import type { LoginStore } from '@plinth/kit'
import { implement } from '../implement.ts'
import type { DevicesTable } from '../sessions/tables.ts'

const LAST_SEEN_FIRST: readonly SortField[] = [
  { column: 'last_seen_at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
]

// More than a user may have logins, by far.
const PAGE = 100

const toDevice = (row: Row<DevicesTable>, current: string | null) => ({
  id: row.id,
  name: row.name,
  platform: row.platform,
  current: row.id === current,
  address: row.last_address,
  country: row.last_country,
  createdAt: row.created_at,
  lastSeenAt: row.last_seen_at,
})

/** Devices that the own account was signed in to from. */
export const devices = (logins: LoginStore) => {
  type Reading = Parameters<LoginStore['list']>[0]
  const ofUser = async (db: Reading, userId: string, now: Date) => {
    const found = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await logins.list(db, { userId, limit: PAGE, cursor }, now)
      found.push(...page.items)
      cursor = page.nextCursor
    }
    return found
  }
  const currentOf = async (
    db: Reading,
    { userId, loginId }: { userId: string; loginId: string | null },
    now: Date,
  ) => (await ofUser(db, userId, now)).find(({ id }) => id === loginId)?.deviceId ?? null

  return implement(contract.core.devices, {
    async list({ input: { limit, cursor }, ctx }) {
      const rows = await keyset(ctx.db.selectFrom('devices').selectAll(), LAST_SEEN_FIRST, cursor)
        .where('user_id', '=', ctx.actor.userId)
        .limit(limit + 1)
        .execute()
      const { items, nextCursor } = pageOf(rows, limit, LAST_SEEN_FIRST)
      const current = await currentOf(ctx.db, ctx.actor, ctx.now)
      return { items: items.map((row) => toDevice(row, current)), nextCursor }
    },

    update: {
      async prepare({ ctx: { db, actor, now } }) {
        const current = await currentOf(db, actor, now)
        return async ({ input: { id, name }, ctx, fail }) => {
          const row = await ctx.db
            .updateTable('devices')
            .set({ name })
            .where('id', '=', id)
            .where('user_id', '=', actor.userId)
            .returningAll()
            .executeTakeFirst()
          return toDevice(row ?? fail('NOT_FOUND'), current)
        }
      },
    },

    delete: {
      async prepare({ input: { id }, ctx: { db, actor, now } }) {
        const made = (await ofUser(db, actor.userId, now)).filter(({ deviceId }) => deviceId === id)
        return async ({ ctx, fail }) => {
          const { numDeletedRows } = await ctx.db
            .deleteFrom('devices')
            .where('id', '=', id)
            .where('user_id', '=', actor.userId)
            .executeTakeFirst()
          if (numDeletedRows === 0n) fail('NOT_FOUND')
          let endedLogins = 0
          for (const { id: only } of made)
            endedLogins += await logins.end(ctx.db, { userId: actor.userId, only }, 'device-removed', ctx.now)
          return { id, endedLogins }
        }
      },
    },
  })
}
