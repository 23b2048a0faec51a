import { contract } from '@plinth/contract'
import { keyset, pageOf, type Row, type SortField } from '@plinth/db'
import type { CoreDb } from '../db.ts'
import { plainAddress } from '../guard/addresses.ts'
import { firstRequestId } from '../guard/purge.ts'
import { implement } from '../implement.ts'

const NEWEST_FIRST: readonly SortField[] = [{ column: 'id', direction: 'desc' }]

const toRequest = (row: Row<CoreDb['requests']>) => ({
  id: row.id,
  at: row.at,
  requestId: row.request_id,
  method: row.method,
  route: row.route,
  path: row.path,
  status: row.status,
  durationMs: row.duration_ms,
  received: row.received,
  sent: row.sent,
  address: row.address,
  userId: row.user_id,
  country: row.country,
  region: row.region,
  userAgent: row.user_agent,
  fingerprint: row.fingerprint,
  client: row.client,
  botConfidence: row.bot_confidence,
  signs: [...row.signs],
  body: row.body,
})

const after = (moment: string): string => firstRequestId(new Date(Date.parse(moment) + 1))

/** The log of requests; ids begin with the moment that a request came, so that a time is a range of ids. */
export const requests = implement(contract.core.requests, {
  async list({ input: { limit, cursor, address, userId, route, fingerprint, status, at }, ctx }) {
    let query = ctx.db.selectFrom('requests').selectAll()
    if (address !== undefined) query = query.where('address', '=', plainAddress(address))
    if (userId !== undefined) query = query.where('user_id', '=', userId)
    if (route !== undefined) query = query.where('route', '=', route)
    if (fingerprint !== undefined) query = query.where('fingerprint', '=', fingerprint)
    if (status?.eq !== undefined) query = query.where('status', '=', status.eq)
    if (status?.gte !== undefined) query = query.where('status', '>=', status.gte)
    if (status?.lte !== undefined) query = query.where('status', '<=', status.lte)
    for (const from of [at?.eq, at?.gte])
      if (from !== undefined) query = query.where('id', '>=', firstRequestId(new Date(from)))
    for (const to of [at?.eq, at?.lte]) if (to !== undefined) query = query.where('id', '<', after(to))
    const rows = await keyset(query, NEWEST_FIRST, cursor)
      .limit(limit + 1)
      .execute()
    const { items, nextCursor } = pageOf(rows, limit, NEWEST_FIRST)
    return { items: items.map(toRequest), nextCursor }
  },
})
