import { z } from 'zod'
import { query } from '../procedure.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'

/** Unhandled errors of one cause: how often it occurred, and what it said last. */
const FailureGroup = z
  .object({
    id: id('flr'),
    name: z.string().describe('Kind of the error'),
    message: z.string().describe('What was being done, and what the error said'),
    stack: z.string().describe('Where it occurred in the code'),
    context: z
      .record(z.string(), z.string())
      .describe('What was known beside it, such as procedure, request id or job'),
    occurred: z.int().describe('How often since it was first seen'),
    firstAt: Moment,
    lastAt: Moment,
  })
  .meta({ id: 'FailureGroup' })

/** Unhandled errors of the server. */
export const failures = {
  /** List unhandled errors grouped by their cause, the one that occurred last first */
  list: query({
    summary: 'List unhandled errors grouped by their cause, the one that occurred last first',
    access: 'system:read',
    mayLag: true,
    input: z.strictObject(pageInput),
    output: page(FailureGroup),
    example: {
      input: { limit: 1 },
      output: {
        items: [
          {
            id: 'flr_01jd7m3x5sfa9v8k2cq4w6y8ze',
            name: 'TypeError',
            message: 'procedure failed: x is not a function',
            stack: 'TypeError: x is not a function\n    at list (handlers.ts:12:3)',
            context: { module: 'http', procedure: 'commerce.products.list', requestId: 'a3f1c2d4e5f60718' },
            occurred: 3,
            firstAt: '2026-11-21T09:30:00.000Z',
            lastAt: '2026-11-21T09:31:00.000Z',
          },
        ],
        nextCursor: null,
      },
    },
  }),
}
