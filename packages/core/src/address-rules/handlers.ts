import { contract } from '@plinth/contract'
import { keyset, pageOf, type Row, type SortField } from '@plinth/db'
import type { CoreDb } from '../db.ts'
import { heldRules, keepsWayIn } from '../guard/own-way-in.ts'
import { MOST_RULES } from '../guard/state.ts'
import { GUARD_CHANGED } from '../guard/tell.ts'
import { implement } from '../implement.ts'

const NEWEST_FIRST: readonly SortField[] = [{ column: 'id', direction: 'desc' }]

const toRule = ({ expires_at, created_at, created_by, ...rule }: Row<CoreDb['address_rules']>) => ({
  ...rule,
  expiresAt: expires_at,
  createdAt: created_at,
  createdBy: created_by,
})

/** Lists of addresses and ranges that are let in, or kept out, on chosen routes. */
export const addressRules = implement(contract.core.addressRules, {
  async list({ input: { limit, cursor, effect, routes }, ctx }) {
    let query = ctx.db.selectFrom('address_rules').selectAll()
    if (effect !== undefined) query = query.where('effect', '=', effect)
    if (routes !== undefined) query = query.where('routes', '=', routes)
    const rows = await keyset(query, NEWEST_FIRST, cursor)
      .limit(limit + 1)
      .execute()
    const { items, nextCursor } = pageOf(rows, limit, NEWEST_FIRST)
    return { items: items.map(toRule), nextCursor }
  },

  async get({ input: { id }, ctx, fail }) {
    const row = await ctx.db.selectFrom('address_rules').selectAll().where('id', '=', id).executeTakeFirst()
    return toRule(row ?? fail('NOT_FOUND'))
  },

  async create({ input: { expiresAt = null, ...given }, ctx, fail }) {
    const row = {
      id: ctx.newId('adr'),
      ...given,
      expires_at: expiresAt,
      created_at: ctx.now.toISOString(),
      created_by: ctx.actor.userId,
    }
    const held = await heldRules(ctx.db, ctx.now)
    if (held.length >= MOST_RULES) fail('RULES_FULL')
    if (!keepsWayIn([...held, row], ctx.address, ctx.now)) fail('LOCKS_YOU_OUT')
    await ctx.db.insertInto('address_rules').values(row).execute()
    ctx.emit(GUARD_CHANGED, {})
    return toRule(row)
  },

  async delete({ input: { id }, ctx, fail }) {
    const left = (await heldRules(ctx.db, ctx.now)).filter((rule) => rule.id !== id)
    const { numDeletedRows } = await ctx.db
      .deleteFrom('address_rules')
      .where('id', '=', id)
      .executeTakeFirst()
    if (numDeletedRows === 0n) fail('NOT_FOUND')
    if (!keepsWayIn(left, ctx.address, ctx.now)) fail('LOCKS_YOU_OUT')
    ctx.emit(GUARD_CHANGED, {})
    return { id, deletedAt: ctx.now.toISOString() }
  },
})
