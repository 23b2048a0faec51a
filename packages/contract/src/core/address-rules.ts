import { z } from 'zod'
import { conflict } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { AddressRange } from '../words/addresses.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'
import { line } from '../words/text.ts'

const Routes = z
  .string()
  .max(200)
  .regex(
    /^(\*|[a-z][A-Za-z]*(\.[a-z][A-Za-z]*){0,2}|\/[\w\-./]*)$/,
    'must be *, the beginning of procedure names such as core.jobs, or of paths such as /metrics',
  )
  .describe(
    '*: everything but /health and /ready; core.jobs: these procedures however they are called; /metrics: paths that begin so',
  )
const Effect = z
  .enum(['allow', 'deny'])
  .describe('deny: refused. allow: all others are refused on these routes. Where both hold, deny does')

/** Who may, or may not, call which routes. */
const AddressRule = z
  .object({
    id: id('adr'),
    effect: Effect,
    routes: z.string(),
    range: z.string(),
    reason: z.string(),
    expiresAt: Moment.nullable(),
    createdAt: Moment,
    createdBy: z.string(),
  })
  .meta({ id: 'AddressRule' })

const example: z.infer<typeof AddressRule> = {
  id: 'adr_01jd7m3x5sfa9v8k2cq4w6y8ze',
  effect: 'deny',
  routes: '*',
  range: '203.0.113.0/24',
  reason: 'Scans us since Monday',
  expiresAt: '2026-12-21T09:30:00.000Z',
  createdAt: '2026-11-21T09:30:00.000Z',
  createdBy: 'usr_01jd7m3x5sfa9v8k2cq4w6y8ze',
}
const byId = z.strictObject({ id: id('adr') })

/** Lists of addresses and ranges that are let in, or kept out, on chosen routes. */
export const addressRules = {
  /** List address rules, newest first; with routes, those of exactly these routes */
  list: query({
    summary: 'List address rules, newest first; with routes, those of exactly these routes',
    access: 'guard:read',
    input: z.strictObject({ ...pageInput, effect: Effect.optional(), routes: Routes.optional() }),
    output: page(AddressRule),
    example: { input: { effect: 'deny' }, output: { items: [example], nextCursor: null } },
  }),

  /** Read an address rule */
  get: query({
    summary: 'Read an address rule',
    access: 'guard:read',
    input: byId,
    output: AddressRule,
    example: { input: { id: example.id }, output: example },
  }),

  /** Let in or keep out a range on chosen routes; every process obeys within seconds */
  create: mutation({
    summary: 'Let in or keep out a range on chosen routes; every process obeys within seconds',
    access: 'guard:write',
    input: z.strictObject({
      effect: Effect,
      routes: Routes.default('*'),
      range: AddressRange,
      reason: line(200).describe('Why, for the next one who looks'),
      expiresAt: Moment.optional().describe('Until when it holds; left out: until it is deleted'),
    }),
    output: AddressRule,
    errors: {
      LOCKS_YOU_OUT: conflict('Your own address could not undo this rule: let it in by another rule first.'),
      RULES_FULL: conflict('There are as many address rules as this server allows: delete one first.'),
    },
    example: {
      input: {
        effect: 'deny',
        range: example.range,
        reason: example.reason,
        expiresAt: '2026-12-21T09:30:00.000Z',
      },
      output: example,
    },
  }),

  /** Delete an address rule */
  delete: mutation({
    summary: 'Delete an address rule',
    access: 'guard:write',
    input: byId,
    output: z.object({ id: id('adr'), deletedAt: Moment }),
    errors: {
      LOCKS_YOU_OUT: conflict(
        'Your own address comes in by this rule alone: let it in by another one first.',
      ),
    },
    example: {
      input: { id: example.id },
      output: { id: example.id, deletedAt: '2026-11-21T10:00:00.000Z' },
    },
  }),
}
