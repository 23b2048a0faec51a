import { contract } from '@plinth/contract'
import { decodeCursor, pageOf, type SortField } from '@plinth/db'
import type { Jobs } from '@plinth/kit'
import { implement } from '../implement.ts'

const NEWEST_FIRST: readonly SortField[] = [{ column: 'id', direction: 'desc' }]

/** Jobs, wherever they are kept. */
export const jobs = (kept: Jobs) =>
  implement(contract.core.jobs, {
    async list({ input: { limit, cursor, state, name }, ctx }) {
      const [last] = cursor === undefined ? [] : decodeCursor(NEWEST_FIRST, cursor)
      const after = last === undefined ? undefined : String(last)
      const found = await kept.list(ctx.db, { state, name, after, limit: limit + 1 })
      return pageOf(found, limit, NEWEST_FIRST)
    },

    async get({ input: { id }, ctx, fail }) {
      return (await kept.get(ctx.db, id)) ?? fail('NOT_FOUND')
    },

    async redrive({ input: { id }, ctx, fail }) {
      const outcome = await kept.redrive(ctx.db, id, ctx.now)
      if (outcome === 'absent') fail('NOT_FOUND')
      if (outcome === 'not-dead') fail('JOB_NOT_DEAD')
      if (outcome === 'key-waits') fail('JOB_KEY_WAITS')
      return (await kept.get(ctx.db, id)) ?? fail('NOT_FOUND')
    },
  })
