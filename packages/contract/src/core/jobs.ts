import { z } from 'zod'
import { conflict } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'

const State = z.enum(['ready', 'running', 'done', 'dead'])
const byId = z.strictObject({ id: id('job') })

/** Work that is done behind the answers. What it carries is not shown, for it may be personal. */
const JobEntry = z
  .object({
    id: id('job'),
    name: z.string().describe('What is done, such as send-verification-mail'),
    key: z.string().nullable().describe('Of one name and key only one job waits at a time'),
    state: State.describe('ready waits for its moment, dead was given up after its last attempt'),
    attempts: z.int().describe('How often it was begun'),
    maxAttempts: z.int(),
    runAt: Moment.describe('Not begun before this moment'),
    createdAt: Moment,
    finishedAt: Moment.nullable(),
    error: z.string().nullable().describe('What the last attempt that failed said'),
  })
  .meta({ id: 'Job' })

const dead: z.infer<typeof JobEntry> = {
  id: 'job_01jd7m3x5sfa9v8k2cq4w6y8ze',
  name: 'send-verification-mail',
  key: null,
  state: 'dead',
  attempts: 10,
  maxAttempts: 10,
  runAt: '2026-11-21T09:30:00.000Z',
  createdAt: '2026-11-21T09:10:00.000Z',
  finishedAt: '2026-11-21T09:30:01.250Z',
  error: 'Error: connect ECONNREFUSED 127.0.0.1:25',
}

/** Jobs: what waits, runs, ended not long ago, or was given up and may be tried anew. */
export const jobs = {
  /** List jobs, newest first, by state and name */
  list: query({
    summary: 'List jobs, newest first, by state and name',
    access: 'jobs:read',
    input: z.strictObject({
      ...pageInput,
      state: State.optional(),
      name: z.string().min(1).max(100).optional(),
    }),
    output: page(JobEntry),
    example: { input: { state: 'dead' }, output: { items: [dead], nextCursor: null } },
  }),

  /** Read a job */
  get: query({
    summary: 'Read a job',
    access: 'jobs:read',
    input: byId,
    output: JobEntry,
    example: { input: { id: dead.id }, output: dead },
  }),

  /** Let a dead job be tried anew, with all its attempts */
  redrive: mutation({
    summary: 'Let a dead job be tried anew, with all its attempts',
    rest: 'POST /jobs/{id}/redrive',
    access: 'jobs:write',
    input: byId,
    output: JobEntry,
    errors: {
      JOB_NOT_DEAD: conflict('Only a job that was given up can be tried anew.'),
      JOB_KEY_WAITS: conflict('A job of the same name and key waits already, and does the same work.'),
    },
    example: {
      input: { id: dead.id },
      output: { ...dead, state: 'ready', attempts: 0, runAt: '2026-11-21T10:00:00.000Z', finishedAt: null },
    },
  }),
}
