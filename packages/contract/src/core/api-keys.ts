import { z } from 'zod'
import { own } from '../access.ts'
import { conflict } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'
import { line } from '../words/text.ts'
import { Scopes } from './sign-in.ts'

const MONTH_SECONDS = 30 * 24 * 3600

const limits = {
  perMinute: z.int().min(1).max(1_000_000).describe('Requests per minute that it may make over time'),
  burst: z.int().min(0).max(1_000_000).describe('How many more it may make at once'),
}

/** A key with which another program calls in the name of its owner. The secret is shown when it is made and never again. */
export const ApiKey = z
  .object({
    id: id('key'),
    ownerId: id('usr').describe('In whose name it calls; it may never do more than they may now'),
    name: z.string(),
    scopes: z.array(z.string()).describe('What it is limited to'),
    signed: z.boolean().describe('Whether its requests are signed; the secret itself is then never sent'),
    ...limits,
    expiresAt: Moment,
    previousSecretUntil: Moment.nullable().describe('Until when the secret before is accepted too'),
    lastUsedAt: Moment.nullable().describe('To the minute; null: never used'),
    lastAddress: z.string().nullable().describe('Where it was used from then'),
    createdAt: Moment,
    updatedAt: Moment,
  })
  .meta({ id: 'ApiKey' })

export type ApiKey = z.infer<typeof ApiKey>

const WithSecret = ApiKey.extend({
  secret: z.string().describe('plk_ and 49 characters; keep it: it is not shown again'),
})

const byId = z.strictObject({ id: id('key') })
const expiresAt = Moment.optional()

const example: ApiKey = {
  id: 'key_01jd7m3x5sfa9v8k2cq4w6y8ze',
  ownerId: 'usr_01jd7m3x5sfa9v8k2cq4w6y8ze',
  name: 'Warehouse',
  scopes: ['products:read', 'products:write'],
  signed: false,
  perMinute: 120,
  burst: 60,
  expiresAt: '2027-05-21T09:30:00.000Z',
  previousSecretUntil: null,
  lastUsedAt: null,
  lastAddress: null,
  createdAt: '2026-11-21T09:30:00.000Z',
  updatedAt: '2026-11-21T09:30:00.000Z',
}
const secret = 'plk_3fJ8sK2mQ9xV7bN4cR6tY1wZ5aD0eGhL2pU8iO3jM9kT4vB6nQwX1'

/** API keys: how programs of third parties call in the name of an account, within scopes and limits of their own. */
export const apiKeys = {
  /** List API keys that are not revoked, newest first */
  list: query({
    summary: 'List API keys that are not revoked, newest first',
    access: own('keys:read'),
    input: z.strictObject(pageInput),
    output: page(ApiKey),
    example: { input: {}, output: { items: [example], nextCursor: null } },
  }),

  /** Read an API key */
  get: query({
    summary: 'Read an API key',
    access: own('keys:read'),
    input: byId,
    output: ApiKey,
    example: { input: { id: example.id }, output: example },
  }),

  /** Create an API key; the answer shows its secret, once */
  create: mutation({
    summary: 'Create an API key; the answer shows its secret, once',
    scope: null,
    fresh: true,
    // A kept answer would keep the secret in clear.
    idempotent: false,
    input: z.strictObject({
      name: line(100),
      scopes: Scopes,
      signed: z
        .boolean()
        .default(false)
        .describe('Whether its requests must be signed; that can not be changed later'),
      perMinute: limits.perMinute.optional().describe('Left out: as many as this server gives a key'),
      burst: limits.burst.optional().describe('Left out: as many as this server gives a key'),
      expiresAt: expiresAt.describe('Left out: as late as this server allows'),
    }),
    output: WithSecret,
    errors: { KEYS_FULL: conflict('You have as many API keys as this server allows: delete one first.') },
    example: {
      input: { name: example.name, scopes: example.scopes, perMinute: 120, burst: 60 },
      output: { ...example, secret },
    },
  }),

  /** Change the name and limits of an API key, or take scopes from it */
  update: mutation({
    summary: 'Change the name and limits of an API key, or take scopes from it',
    access: own('keys:write'),
    scope: null,
    input: z.strictObject({
      id: id('key'),
      name: line(100).optional(),
      scopes: Scopes.optional().describe('Only some of those that it has: for more, create another key'),
      perMinute: limits.perMinute.optional(),
      burst: limits.burst.optional(),
    }),
    output: ApiKey,
    errors: { KEY_CHANGED: conflict('The API key was changed meanwhile: read it and try again.') },
    example: {
      input: { id: example.id, scopes: ['products:read'] },
      output: { ...example, scopes: ['products:read'], updatedAt: '2026-11-21T10:00:00.000Z' },
    },
  }),

  /** Make a new secret for an own API key; the old one goes on for a while */
  rotate: mutation({
    summary: 'Make a new secret for an own API key; the old one goes on for a while',
    scope: null,
    fresh: true,
    idempotent: false,
    input: z.strictObject({
      id: id('key'),
      overlapSeconds: z
        .int()
        .min(0)
        .max(MONTH_SECONDS)
        .optional()
        .describe('How long the old secret goes on; 0 ends it at once; left out: as this server is set up'),
      expiresAt: expiresAt.describe('A new end of the key; left out: it stays as it is'),
    }),
    output: WithSecret,
    example: {
      input: { id: example.id, overlapSeconds: 3600 },
      output: { ...example, previousSecretUntil: '2026-11-21T10:30:00.000Z', secret },
    },
  }),

  /** Revoke an API key; it stops working at once */
  delete: mutation({
    summary: 'Revoke an API key; it stops working at once',
    access: own('keys:write'),
    scope: null,
    input: byId,
    output: z.object({ id: id('key'), revokedAt: Moment }),
    example: {
      input: { id: example.id },
      output: { id: example.id, revokedAt: '2026-11-21T10:00:00.000Z' },
    },
  }),
}
