import { z } from 'zod'
import { conflict } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { Address } from '../words/addresses.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'
import { line } from '../words/text.ts'

const DAY_MINUTES = 24 * 60

/** A warning to an address, or a time for which it is refused. */
const Ban = z
  .object({
    id: id('ban'),
    network: z.string().describe('The address; of IPv6 its first 64 bits'),
    kind: z.enum(['warning', 'ban']),
    cause: z.enum(['offences', 'by-hand']),
    reason: z.string(),
    step: z
      .int()
      .nullable()
      .describe('Place on the ladder of warnings and bans, from 0; null for one by hand'),
    active: z.boolean().describe('Whether it holds now'),
    until: Moment.nullable().describe('When it ends by itself; null: when it is lifted'),
    createdAt: Moment,
    createdBy: z.string().nullable().describe('Null for one that followed from offences'),
    liftedAt: Moment.nullable(),
    liftedBy: z.string().nullable(),
  })
  .meta({ id: 'Ban' })

const example: z.infer<typeof Ban> = {
  id: 'ban_01jd7m3x5sfa9v8k2cq4w6y8ze',
  network: '203.0.113.7',
  kind: 'ban',
  cause: 'offences',
  reason: 'loginFailed 30, trap 1',
  step: 2,
  active: true,
  until: '2026-11-21T09:40:00.000Z',
  createdAt: '2026-11-21T09:30:00.000Z',
  createdBy: null,
  liftedAt: null,
  liftedBy: null,
}
const byId = z.strictObject({ id: id('ban') })

/** Addresses that are refused for a while: by what they did, or by hand. */
export const bans = {
  /** List warnings and bans, newest first, by address and by whether they hold now */
  list: query({
    summary: 'List warnings and bans, newest first, by address and by whether they hold now',
    access: 'guard:read',
    input: z.strictObject({
      ...pageInput,
      address: Address.optional(),
      active: z.boolean().optional().describe('true: those that hold now; false: those that do not'),
    }),
    output: page(Ban),
    example: { input: { active: true }, output: { items: [example], nextCursor: null } },
  }),

  /** Read a ban */
  get: query({
    summary: 'Read a ban',
    access: 'guard:read',
    input: byId,
    output: Ban,
    example: { input: { id: example.id }, output: example },
  }),

  /** Ban an address by hand, everywhere but at /health and /ready; every process obeys within seconds */
  create: mutation({
    summary:
      'Ban an address by hand, everywhere but at /health and /ready; every process obeys within seconds',
    access: 'guard:write',
    input: z.strictObject({
      address: Address,
      minutes: z
        .int()
        .min(1)
        .max(366 * DAY_MINUTES)
        .optional()
        .describe('How long; left out: until it is lifted'),
      reason: line(200).describe('Why, for the next one who looks'),
    }),
    output: Ban,
    errors: { LOCKS_YOU_OUT: conflict('This is your own address: you could not lift the ban.') },
    example: {
      input: { address: example.network, minutes: DAY_MINUTES, reason: 'Guesses coupon codes' },
      output: {
        ...example,
        cause: 'by-hand',
        reason: 'Guesses coupon codes',
        step: null,
        until: '2026-11-22T09:30:00.000Z',
        createdBy: 'usr_01jd7m3x5sfa9v8k2cq4w6y8ze',
      },
    },
  }),

  /** Lift a ban, and forget the offences that led to it */
  lift: mutation({
    summary: 'Lift a ban, and forget the offences that led to it',
    access: 'guard:write',
    input: byId,
    output: Ban,
    errors: { NOT_ACTIVE: conflict('This ban no longer holds: there is nothing to lift.') },
    example: {
      input: { id: example.id },
      output: {
        ...example,
        active: false,
        liftedAt: '2026-11-21T09:35:00.000Z',
        liftedBy: 'usr_01jd7m3x5sfa9v8k2cq4w6y8ze',
      },
    },
  }),
}
