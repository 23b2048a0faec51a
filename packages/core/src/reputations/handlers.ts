import { contract } from '@plinth/contract'
import { keyset, pageOf, type SortField } from '@plinth/db'
import { networkKey } from '../guard/addresses.ts'
import type { RequestGuard } from '../guard/guard.ts'
import { faded, scoreOf } from '../guard/ladder.ts'
import type { GuardSettings } from '../guard/settings.ts'
import type { ReputationsTable } from '../guard/tables.ts'
import { implement } from '../implement.ts'

const LATEST_FIRST: readonly SortField[] = [
  { column: 'last_offence_at', direction: 'desc' },
  { column: 'network', direction: 'desc' },
]

interface ReputationDeps {
  readonly guard: Pick<RequestGuard, 'threatsOf'>
  readonly settings: GuardSettings
}

type Known = Pick<ReputationsTable, 'network' | 'points' | 'points_at' | 'step' | 'offences'> & {
  readonly last_offence_at: string | null
}

/** What is known of addresses, as it is at the moment of the call. */
export const reputations = ({ guard, settings }: ReputationDeps) => {
  const { lowered, bans, threats } = settings
  const toReputation = (row: Known, address: string, now: Date) => {
    const threatLists = [...guard.threatsOf(address)]
    const own = faded(row.points, now.getTime() - Date.parse(row.points_at), lowered.halfLifeMs)
    const points = own + (threatLists.length > 0 ? threats.points : 0)
    return {
      id: row.network,
      score: scoreOf(points, bans.threshold),
      step: row.step,
      offences: row.offences,
      threatLists,
      lastOffenceAt: row.last_offence_at,
    }
  }
  return implement(contract.core.reputations, {
    async list({ input: { limit, cursor }, ctx }) {
      const query = ctx.db.selectFrom('reputations').selectAll()
      const rows = await keyset(query, LATEST_FIRST, cursor)
        .limit(limit + 1)
        .execute()
      const { items, nextCursor } = pageOf(rows, limit, LATEST_FIRST)
      return {
        items: items.map((row) => toReputation(row, row.network.replace('/64', ''), ctx.now)),
        nextCursor,
      }
    },

    async get({ input: { address }, ctx }) {
      const network = networkKey(address)
      const row = await ctx.db
        .selectFrom('reputations')
        .selectAll()
        .where('network', '=', network)
        .executeTakeFirst()
      const nothing = { network, points: 0, step: null, offences: {}, last_offence_at: null }
      return toReputation(row ?? { ...nothing, points_at: ctx.now.toISOString() }, address, ctx.now)
    },
  })
}
