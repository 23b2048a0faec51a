import { z } from 'zod'
import { query } from '../procedure.ts'
import { pageInput } from '../words/page.ts'

/** What the statements of one shape have cost the answering process since it started. */
const StatementCost = z
  .object({
    sql: z.string().describe('Text with its values left out'),
    calls: z.int(),
    errors: z.int(),
    rows: z.int().describe('Rows answered in total'),
    totalMs: z.number(),
    maxMs: z.number(),
  })
  .meta({ id: 'StatementCost' })

/** Database statements of the process that answers. */
export const statements = {
  /** List the statements that cost the answering process most time in total */
  list: query({
    summary: 'List the statements that cost the answering process most time in total',
    access: 'system:read',
    input: z.strictObject({ limit: pageInput.limit }),
    output: z.object({ items: z.array(StatementCost) }),
    example: {
      input: { limit: 1 },
      output: {
        items: [
          {
            sql: 'select "id" from "users" where "email" = ?',
            calls: 12,
            errors: 0,
            rows: 12,
            totalMs: 3.4,
            maxMs: 0.9,
          },
        ],
      },
    },
  }),
}
