import { contract } from '@plinth/contract'
import { keyset, pageOf, type SortField } from '@plinth/db'
import { implement } from '../implement.ts'

const NEWEST_FIRST: readonly SortField[] = [
  { column: 'at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
]

/** The audit log. It is written by the kit and never changed. */
export const auditEntries = implement(contract.core.auditEntries, {
  async list({ input: { limit, cursor, actorId, action, at }, ctx }) {
    let query = ctx.db.selectFrom('audit_log').selectAll()
    if (actorId !== undefined) query = query.where('actor_id', '=', actorId)
    if (action !== undefined) query = query.where('action', '=', action)
    if (at?.eq !== undefined) query = query.where('at', '=', at.eq)
    if (at?.gte !== undefined) query = query.where('at', '>=', at.gte)
    if (at?.lte !== undefined) query = query.where('at', '<=', at.lte)
    const rows = await keyset(query, NEWEST_FIRST, cursor)
      .limit(limit + 1)
      .execute()
    const { items, nextCursor } = pageOf(rows, limit, NEWEST_FIRST)
    return {
      items: items.map(({ actor_id, user_agent, request_id, impersonated_by, ...entry }) => ({
        ...entry,
        actorId: actor_id,
        impersonatedBy: impersonated_by,
        userAgent: user_agent,
        requestId: request_id,
      })),
      nextCursor,
    }
  },
})
