import { z } from 'zod'
import { notFound } from '../errors.ts'
import { query } from '../procedure.ts'
import { id } from '../words/ids.ts'

/** One thing that a call is held to, and whether it is met. */
const Finding = z.object({
  rule: z.enum(['account', 'portal', 'permission', 'owner', 'verified', 'fresh', 'public', 'signed-in']),
  met: z.boolean().nullable().describe('null: it depends on the call itself'),
  says: z.string().describe('Why, in a sentence'),
})

/** Why a caller may or may not. */
export const access = {
  /** Tell why an account may or may not call a procedure */
  explain: query({
    summary: 'Tell why an account may or may not call a procedure',
    rest: 'GET /admin/access/explain',
    access: 'roles:read',
    input: z.strictObject({
      userId: id('usr').describe('Whose access it is about'),
      procedure: z
        .string()
        .min(1)
        .max(100)
        .describe('Full name of a procedure, such as commerce.products.create'),
    }),
    output: z.object({
      allowed: z.boolean().nullable().describe('null: it depends on the call itself, as findings say'),
      findings: z.array(Finding),
    }),
    errors: {
      PROCEDURE_UNKNOWN: notFound('There is no procedure of this name: see docs/permissions.md for all.'),
    },
    example: {
      input: { userId: 'usr_01jd7m3x5sfa9v8k2cq4w6y8ze', procedure: 'commerce.products.create' },
      output: {
        allowed: true,
        findings: [
          { rule: 'account', met: true, says: 'The account is active.' },
          { rule: 'permission', met: true, says: 'Holds products:write by the role manager.' },
        ],
      },
    },
  }),
}
