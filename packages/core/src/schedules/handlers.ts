import { contract } from '@plinth/contract'
import { keyset, pageOf, type Row, type SortField } from '@plinth/db'
import type { Schedules } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { implement } from '../implement.ts'

const NEWEST_FIRST: readonly SortField[] = [{ column: 'due_at', direction: 'desc' }]

const toRun = ({ due_at, started_at, ended_at, ...run }: Row<CoreDb['schedule_runs']>) => ({
  ...run,
  dueAt: due_at,
  startedAt: started_at,
  endedAt: ended_at,
})

/** What is done on schedule. */
export const schedules = (kept: Schedules) =>
  implement(contract.core.schedules, {
    async list({ ctx }) {
      const rows = await ctx.db
        .selectFrom('schedule_runs')
        .innerJoin('schedules', (join) =>
          join
            .onRef('schedule_runs.schedule', '=', 'schedules.name')
            .onRef('schedule_runs.due_at', '=', 'schedules.last_due_at'),
        )
        .selectAll('schedule_runs')
        .execute()
      const last = new Map(rows.map((row) => [row.schedule, toRun(row)]))
      return {
        items: kept.tasks().map(({ name, description, cron, timeZone = 'UTC' }) => ({
          name,
          description,
          cron,
          timeZone,
          nextRunAt: kept.next(name, ctx.now)?.toISOString() ?? null,
          lastRun: last.get(name) ?? null,
        })),
      }
    },

    async runs({ input: { limit, cursor, name }, ctx, fail }) {
      if (!kept.tasks().some((task) => task.name === name)) fail('NOT_FOUND')
      const runs = ctx.db.selectFrom('schedule_runs').selectAll().where('schedule', '=', name)
      const rows = await keyset(runs, NEWEST_FIRST, cursor)
        .limit(limit + 1)
        .execute()
      const { items, nextCursor } = pageOf(rows, limit, NEWEST_FIRST)
      return { items: items.map(toRun), nextCursor }
    },
  })
