import { z } from 'zod'
import { conflict, invalid } from '../errors.ts'
import { type EventName, events } from '../events.ts'
import { mutation, query } from '../procedure.ts'
import { WebUrl } from '../words/formats.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'
import { line } from '../words/text.ts'
import { delivery, WebhookDelivery } from './webhook-deliveries.ts'

const names = Object.keys(events) as EventName[]
const EventFilter = z
  .array(z.enum(['*', ...names]))
  .min(1)
  .max(100)
  .describe('Names of the events to be told of; * stands for all, also those that are added later')

const fields = {
  url: WebUrl.describe('Where deliveries are posted: https, without user or password'),
  description: line(200, 0).describe('For people'),
  events: EventFilter,
  enabled: z.boolean(),
}

/** Who is told of events, and where. The secret is shown when it is made and never again. */
export const Webhook = z
  .object({
    id: id('whk'),
    url: z.string(),
    description: z.string(),
    events: z.array(z.string()),
    enabled: z.boolean(),
    disabledAt: Moment.nullable(),
    disabledReason: z
      .enum(['by-hand', 'gone', 'failing'])
      .nullable()
      .describe('gone: it answered 410; failing: nothing was delivered for days'),
    failingSince: Moment.nullable().describe('First of the attempts that failed since the last good one'),
    previousSecretUntil: Moment.nullable().describe(
      'Until when deliveries are signed by the secret before too',
    ),
    createdAt: Moment,
    updatedAt: Moment,
  })
  .meta({ id: 'Webhook' })

const WithSecret = Webhook.extend({
  secret: z.string().describe('whsec_ and base64; keep it: it is not shown again'),
})

const byId = z.strictObject({ id: id('whk') })
const URL_REFUSED = invalid('Webhooks are not delivered to this address: see errors for the reason.')
const WEBHOOK_DISABLED = conflict('The webhook is disabled: enable it first.')

const example: z.infer<typeof Webhook> = {
  id: 'whk_01jd7m3x5sfa9v8k2cq4w6y8ze',
  url: 'https://receiver.example/hooks/plinth',
  description: 'Newsletter',
  events: ['accounts.registered'],
  enabled: true,
  disabledAt: null,
  disabledReason: null,
  failingSince: null,
  previousSecretUntil: null,
  createdAt: '2026-11-21T09:30:00.000Z',
  updatedAt: '2026-11-21T09:30:00.000Z',
}
const secret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'

/** Webhooks: events told to other servers, signed after the Standard Webhooks specification. */
export const webhooks = {
  /** List webhooks, newest first */
  list: query({
    summary: 'List webhooks, newest first',
    access: 'webhooks:read',
    input: z.strictObject({ ...pageInput }),
    output: page(Webhook),
    example: { input: {}, output: { items: [example], nextCursor: null } },
  }),

  /** Read a webhook */
  get: query({
    summary: 'Read a webhook',
    access: 'webhooks:read',
    input: byId,
    output: Webhook,
    example: { input: { id: example.id }, output: example },
  }),

  /** Create a webhook; the answer shows its secret, once */
  create: mutation({
    summary: 'Create a webhook; the answer shows its secret, once',
    access: 'webhooks:write',
    // A kept answer would keep the secret in clear.
    idempotent: false,
    input: z.strictObject({
      url: fields.url,
      description: fields.description.default(''),
      events: fields.events,
      enabled: fields.enabled.default(true),
    }),
    output: WithSecret,
    errors: {
      URL_REFUSED,
      WEBHOOKS_FULL: conflict('There are as many webhooks as this server allows: delete one first.'),
    },
    example: {
      input: { url: example.url, description: 'Newsletter', events: ['accounts.registered'] },
      output: { ...example, secret },
    },
  }),

  /** Change a webhook; only the fields given change */
  update: mutation({
    summary: 'Change a webhook; only the fields given change',
    access: 'webhooks:write',
    input: z.strictObject({ id: id('whk'), ...z.object(fields).partial().shape }),
    output: Webhook,
    errors: { URL_REFUSED },
    example: {
      input: { id: example.id, enabled: false },
      output: {
        ...example,
        enabled: false,
        disabledAt: '2026-11-21T10:00:00.000Z',
        disabledReason: 'by-hand',
        updatedAt: '2026-11-21T10:00:00.000Z',
      },
    },
  }),

  /** Delete a webhook with its deliveries */
  delete: mutation({
    summary: 'Delete a webhook with its deliveries',
    access: 'webhooks:write',
    input: byId,
    output: z.object({ id: id('whk'), deletedAt: Moment }),
    example: {
      input: { id: example.id },
      output: { id: example.id, deletedAt: '2026-11-21T10:00:00.000Z' },
    },
  }),

  /** Make a new secret; for a while deliveries are signed by the old one too */
  rotateSecret: mutation({
    summary: 'Make a new secret; for a while deliveries are signed by the old one too',
    access: 'webhooks:write',
    scope: null,
    idempotent: false,
    input: byId,
    output: WithSecret,
    example: {
      input: { id: example.id },
      output: { ...example, previousSecretUntil: '2026-11-22T09:30:00.000Z', secret },
    },
  }),

  /** Send a delivery to try a webhook out */
  test: mutation({
    summary: 'Send a delivery to try a webhook out',
    access: 'webhooks:write',
    input: byId,
    output: WebhookDelivery,
    errors: { WEBHOOK_DISABLED },
    example: { input: { id: example.id }, output: delivery },
  }),
}
