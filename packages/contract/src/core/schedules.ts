import { z } from 'zod'
import { query } from '../procedure.ts'
import { nothing } from '../words/formats.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'

/** One due moment of a schedule, and what came of it. */
const ScheduleRun = z
  .object({
    id: id('run'),
    schedule: z.string(),
    dueAt: Moment.describe('The moment that the schedule names'),
    state: z
      .enum(['waiting', 'running', 'done', 'failed'])
      .describe('failed is tried again while its job has attempts left'),
    attempts: z.int().describe('How often it was begun'),
    startedAt: Moment.nullable().describe('When the last attempt began'),
    endedAt: Moment.nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'ScheduleRun' })

/** Something that is done again and again. */
const Schedule = z
  .object({
    name: z.string().describe('Also the name of the jobs that do it'),
    description: z.string(),
    cron: z.string().describe('Minute, hour, day of the month, month, day of the week'),
    timeZone: z.string().describe('IANA zone in which the expression is meant'),
    nextRunAt: Moment.nullable(),
    lastRun: ScheduleRun.nullable(),
  })
  .meta({ id: 'Schedule' })

const run: z.infer<typeof ScheduleRun> = {
  id: 'run_01jd7m3x5sfa9v8k2cq4w6y8ze',
  schedule: 'purge-audit-entries',
  dueAt: '2026-11-21T03:37:00.000Z',
  state: 'done',
  attempts: 1,
  startedAt: '2026-11-21T03:37:00.412Z',
  endedAt: '2026-11-21T03:37:00.980Z',
  error: null,
}

/** What is done on schedule, and how it went. */
export const schedules = {
  /** List schedules with their last and next run, by name */
  list: query({
    summary: 'List schedules with their last and next run, by name',
    access: 'jobs:read',
    input: nothing,
    output: z.object({ items: z.array(Schedule) }),
    example: {
      output: {
        items: [
          {
            name: 'purge-audit-entries',
            description: 'Deletes entries of the audit log that are older than it is to be kept',
            cron: '37 3 * * *',
            timeZone: 'UTC',
            nextRunAt: '2026-11-22T03:37:00.000Z',
            lastRun: run,
          },
        ],
      },
    },
  }),

  /** List the last runs of a schedule, newest first; a hundred are kept */
  runs: query({
    summary: 'List the last runs of a schedule, newest first; a hundred are kept',
    rest: 'GET /schedules/{name}/runs',
    access: 'jobs:read',
    input: z.strictObject({
      ...pageInput,
      name: z.string().regex(/^[a-z][a-z0-9-]{0,99}$/, 'must be the name of a schedule'),
    }),
    output: page(ScheduleRun),
    example: { input: { name: 'purge-audit-entries' }, output: { items: [run], nextCursor: null } },
  }),
}
