import { contract } from '@plinth/contract'
import { keyset, pageOf, type SortField } from '@plinth/db'
import { implement } from '../implement.ts'

const NEWEST_FIRST: readonly SortField[] = [
  { column: 'last_at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
]

/** Unhandled errors of all processes, grouped by their cause. */
export const failures = implement(contract.core.failures, {
  async list({ input: { limit, cursor }, ctx }) {
    const query = ctx.db
      .selectFrom('failures')
      .select(['id', 'name', 'message', 'stack', 'context', 'occurred', 'first_at', 'last_at'])
    const rows = await keyset(query, NEWEST_FIRST, cursor)
      .limit(limit + 1)
      .execute()
    const { items, nextCursor } = pageOf(rows, limit, NEWEST_FIRST)
    return {
      items: items.map(({ first_at, last_at, ...failure }) => ({
        ...failure,
        firstAt: first_at,
        lastAt: last_at,
      })),
      nextCursor,
    }
  },
})
