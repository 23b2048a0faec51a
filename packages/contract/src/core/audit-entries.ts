import { z } from 'zod'
import { query } from '../procedure.ts'
import { range } from '../words/filters.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'

/** One thing that was done: who did what to what, when, from where, and how it ended. Never changed afterwards. */
export const AuditEntry = z
  .object({
    id: id('aud'),
    at: Moment,
    actorId: z.string().nullable().describe('Who did it; null for somebody not signed in'),
    impersonatedBy: z.string().nullable().describe('The administrator who acted in the place of the actor'),
    action: z.string().describe('Name of the procedure, such as commerce.products.create'),
    target: z.string().nullable().describe('Id of what it was done to'),
    outcome: z.enum(['done', 'refused']),
    code: z.string().nullable().describe('Error code of a refusal'),
    address: z.string().nullable(),
    userAgent: z.string().nullable(),
    requestId: z.string(),
  })
  .meta({ id: 'AuditEntry' })

/** The audit log: what was done, by whom. */
export const auditEntries = {
  /** List what was done, newest first, by actor, action and time */
  list: query({
    summary: 'List what was done, newest first, by actor, action and time',
    access: 'audit:read',
    mayLag: true,
    input: z.strictObject({
      ...pageInput,
      actorId: id('usr').optional(),
      action: z.string().min(1).max(100).optional(),
      at: range(Moment),
    }),
    output: page(AuditEntry),
    example: {
      input: { action: 'commerce.products.create' },
      output: {
        items: [
          {
            id: 'aud_01jd7m3x5sfa9v8k2cq4w6y8ze',
            at: '2026-11-21T09:30:00.000Z',
            actorId: 'usr_01jd7m3x5sfa9v8k2cq4w6y8ze',
            impersonatedBy: null,
            action: 'commerce.products.create',
            target: 'prd_01jd7m3x5sfa9v8k2cq4w6y8ze',
            outcome: 'done',
            code: null,
            address: '127.0.0.1',
            userAgent: 'curl/8.5.0',
            requestId: 'a3f1c2d4e5f60718',
          },
        ],
        nextCursor: null,
      },
    },
  }),
}
