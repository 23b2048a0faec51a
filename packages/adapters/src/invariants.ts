import { type Invariant, invariantsOf, WAITED_LONG_MS } from '@plinth/kit'
import type { AdapterTables } from './tables.ts'

/** What must hold in the tables of the adapters. */
export const adapterInvariants: readonly Invariant[] = invariantsOf<AdapterTables>()({
  'jobs.run': {
    says: 'every job that is due is begun within an hour, and none is held by a worker that is gone',
    async find(db, { now, most }) {
      const long = new Date(now.getTime() - WAITED_LONG_MS).toISOString()
      const rows = await db
        .selectFrom('jobs')
        .select(['id', 'name', 'state', 'run_at', 'locked_until'])
        .where(({ or, eb }) =>
          or([
            eb('state', '=', 'ready').and('run_at', '<', long),
            eb('state', '=', 'running').and('locked_until', '<', long),
          ]),
        )
        .orderBy('id')
        .limit(most)
        .execute()
      return rows.map(({ id, name, state, run_at, locked_until }) => ({
        row: `jobs id=${id}`,
        found:
          state === 'ready' ? `${name} is due since ${run_at}` : `${name} was held until ${locked_until}`,
      }))
    },
  },
})
