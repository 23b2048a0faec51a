import { z } from 'zod'
import { query } from '../procedure.ts'
import { Address } from '../words/addresses.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'

/** What is known of an address. */
const Reputation = z
  .object({
    id: z.string().describe('The address; of IPv6 its first 64 bits'),
    score: z.number().min(0).max(100).describe('100: nothing is known against it; it recovers with time'),
    step: z.int().nullable().describe('Last place on the ladder of warnings and bans; null: none so far'),
    offences: z.record(z.string(), z.int()).describe('How often it did what, since it was first seen'),
    threatLists: z.array(z.string()).describe('Imported lists that name it now'),
    lastOffenceAt: Moment.nullable(),
  })
  .meta({ id: 'Reputation' })

const example: z.infer<typeof Reputation> = {
  id: '203.0.113.7',
  score: 41.5,
  step: 1,
  offences: { loginFailed: 12, trap: 1 },
  threatLists: ['drop'],
  lastOffenceAt: '2026-11-21T09:30:00.000Z',
}

/** What addresses have done, and what imported lists say of them. */
export const reputations = {
  /** List addresses with offences, those whose last one is newest first */
  list: query({
    summary: 'List addresses with offences, those whose last one is newest first',
    access: 'guard:read',
    input: z.strictObject({ ...pageInput }),
    output: page(Reputation),
    example: { input: {}, output: { items: [example], nextCursor: null } },
  }),

  /** Read the reputation of an address; one that was never seen has a good one */
  get: query({
    summary: 'Read the reputation of an address; one that was never seen has a good one',
    rest: 'GET /reputation',
    access: 'guard:read',
    input: z.strictObject({ address: Address }),
    output: Reputation,
    example: { input: { address: example.id }, output: example },
  }),
}
