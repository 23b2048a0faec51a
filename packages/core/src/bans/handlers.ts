import { contract } from '@plinth/contract'
import { keyset, pageOf, type Row, type SortField } from '@plinth/db'
import type { CoreDb } from '../db.ts'
import { networkKey } from '../guard/addresses.ts'
import { GUARD_CHANGED } from '../guard/tell.ts'
import { implement } from '../implement.ts'

const NEWEST_FIRST: readonly SortField[] = [{ column: 'id', direction: 'desc' }]
const MINUTE_MS = 60_000

const isActive = (
  { kind, ends_at, lifted_at }: Pick<Row<CoreDb['bans']>, 'kind' | 'ends_at' | 'lifted_at'>,
  now: Date,
): boolean => kind === 'ban' && lifted_at === null && (ends_at === null || ends_at > now.toISOString())

const toBan = (row: Row<CoreDb['bans']>, now: Date) => ({
  id: row.id,
  network: row.network,
  kind: row.kind,
  cause: row.cause,
  reason: row.reason,
  step: row.step,
  active: isActive(row, now),
  until: row.ends_at,
  createdAt: row.created_at,
  createdBy: row.created_by,
  liftedAt: row.lifted_at,
  liftedBy: row.lifted_by,
})

/** Addresses that are refused for a while: by what they did, or by hand. */
export const bans = implement(contract.core.bans, {
  async list({ input: { limit, cursor, address, active }, ctx }) {
    const now = ctx.now.toISOString()
    let query = ctx.db.selectFrom('bans').selectAll()
    if (address !== undefined) query = query.where('network', '=', networkKey(address))
    if (active !== undefined)
      query = query.where((eb) => {
        const holds = eb.and([
          eb('kind', '=', 'ban'),
          eb('lifted_at', 'is', null),
          eb.or([eb('ends_at', 'is', null), eb('ends_at', '>', now)]),
        ])
        return active ? holds : eb.not(holds)
      })
    const rows = await keyset(query, NEWEST_FIRST, cursor)
      .limit(limit + 1)
      .execute()
    const { items, nextCursor } = pageOf(rows, limit, NEWEST_FIRST)
    return { items: items.map((row) => toBan(row, ctx.now)), nextCursor }
  },

  async get({ input: { id }, ctx, fail }) {
    const row = await ctx.db.selectFrom('bans').selectAll().where('id', '=', id).executeTakeFirst()
    return toBan(row ?? fail('NOT_FOUND'), ctx.now)
  },

  async create({ input: { address, minutes, reason }, ctx, fail }) {
    const network = networkKey(address)
    if (network === networkKey(ctx.address)) fail('LOCKS_YOU_OUT')
    const at = ctx.now.toISOString()
    const row = {
      id: ctx.newId('ban'),
      network,
      kind: 'ban' as const,
      cause: 'by-hand' as const,
      reason,
      step: null,
      ends_at: minutes === undefined ? null : new Date(ctx.now.getTime() + minutes * MINUTE_MS).toISOString(),
      created_at: at,
      created_by: ctx.actor.userId,
      lifted_at: null,
      lifted_by: null,
      changed_at: at,
    }
    await ctx.db.insertInto('bans').values(row).execute()
    ctx.emit(GUARD_CHANGED, {})
    return toBan(row, ctx.now)
  },

  async lift({ input: { id }, ctx, fail }) {
    const at = ctx.now.toISOString()
    const row = await ctx.db.selectFrom('bans').selectAll().where('id', '=', id).executeTakeFirst()
    if (!row) return fail('NOT_FOUND')
    if (!isActive(row, ctx.now)) return fail('NOT_ACTIVE')
    const lifted = { lifted_at: at, lifted_by: ctx.actor.userId, changed_at: at }
    const { numUpdatedRows } = await ctx.db
      .updateTable('bans')
      .set(lifted)
      .where('id', '=', id)
      .where('lifted_at', 'is', null)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) fail('NOT_ACTIVE')
    if (row.cause === 'offences')
      await ctx.db
        .updateTable('reputations')
        .set({ points: 0, toward: 0, step: null, step_at: null, points_at: at, changed_at: at })
        .where('network', '=', row.network)
        .execute()
    ctx.emit(GUARD_CHANGED, {})
    return toBan({ ...row, ...lifted }, ctx.now)
  },
})
