import { z } from 'zod'

const ms = (fallback: number) => z.int().min(1).default(fallback)

/** Where jobs are kept and how they are run. */
export const JobsSettings = z
  .strictObject({
    store: z
      .enum(['auto', 'table', 'pgboss'])
      .default('auto')
      .describe(
        'table keeps jobs beside the data, pgboss in pg-boss; auto is pgboss on Postgres, else table',
      ),
    concurrency: z.int().min(1).max(1000).default(4).describe('Most jobs that one process runs at once'),
    maxAttempts: z
      .int()
      .min(1)
      .max(100)
      .default(10)
      .describe('How often a job is begun before it is given up as dead'),
    leaseMs: ms(300_000).describe('Longest time of one attempt; then it is stopped and tried again'),
    pollMs: ms(1000).describe('How often a process looks for jobs that have come due'),
  })
  .prefault({})

/** How long is kept what has served. */
export const RetentionSettings = z
  .strictObject({
    auditDays: z.int().min(1).default(730).describe('Days that entries of the audit log are kept'),
  })
  .prefault({})
