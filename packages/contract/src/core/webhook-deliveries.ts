import { z } from 'zod'
import { conflict } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'

const State = z.enum(['pending', 'delivered', 'dead'])
const byId = z.strictObject({ id: id('whd') })

/** One event on its way to one webhook. */
export const WebhookDelivery = z
  .object({
    id: id('whd'),
    webhookId: id('whk'),
    eventId: id('evt').describe(
      'Sent as webhook-id: the same in every attempt, so that a receiver can deal with it once',
    ),
    eventType: z.string(),
    state: State.describe('dead was given up; it can be delivered again by hand'),
    attempts: z.int(),
    nextAttemptAt: Moment.nullable(),
    createdAt: Moment,
    finishedAt: Moment.nullable(),
  })
  .meta({ id: 'WebhookDelivery' })

const Attempt = z.object({
  number: z.int(),
  at: Moment,
  status: z.int().nullable().describe('HTTP status of the answer; null when none came'),
  durationMs: z.int(),
  error: z.string().nullable().describe('Why it counts as failed; null when it was delivered'),
  answer: z.string().nullable().describe('How the answer began, at the most 1,000 bytes of it'),
})

const WithAttempts = WebhookDelivery.extend({
  payload: z.string().describe('The body as it is signed and sent'),
  log: z.array(Attempt).describe('The latest attempts, newest first, at the most 50'),
})

/** A delivery that waits for its first attempt, for examples. */
export const delivery: z.infer<typeof WebhookDelivery> = {
  id: 'whd_01jd7m3x5sfa9v8k2cq4w6y8ze',
  webhookId: 'whk_01jd7m3x5sfa9v8k2cq4w6y8ze',
  eventId: 'evt_01jd7m3x5sfa9v8k2cq4w6y8ze',
  eventType: 'webhooks.tested',
  state: 'pending',
  attempts: 0,
  nextAttemptAt: '2026-11-21T09:30:00.000Z',
  createdAt: '2026-11-21T09:30:00.000Z',
  finishedAt: null,
}
const dead: z.infer<typeof WebhookDelivery> = {
  ...delivery,
  state: 'dead',
  attempts: 10,
  nextAttemptAt: null,
  finishedAt: '2026-11-24T13:05:00.000Z',
}

/** Deliveries of webhooks: what was sent where, and what was answered. */
export const webhookDeliveries = {
  /** List deliveries, newest first, by webhook, state and event */
  list: query({
    summary: 'List deliveries, newest first, by webhook, state and event',
    access: 'webhooks:read',
    input: z.strictObject({
      ...pageInput,
      webhookId: id('whk').optional(),
      eventId: id('evt').optional(),
      state: State.optional(),
    }),
    output: page(WebhookDelivery),
    example: { input: { state: 'dead' }, output: { items: [dead], nextCursor: null } },
  }),

  /** Read a delivery with its payload and its attempts */
  get: query({
    summary: 'Read a delivery with its payload and its attempts',
    access: 'webhooks:read',
    input: byId,
    output: WithAttempts,
    example: {
      input: { id: dead.id },
      output: {
        ...dead,
        payload:
          '{"type":"webhooks.tested","timestamp":"2026-11-21T09:30:00.000Z","data":{"webhookId":"whk_01jd7m3x5sfa9v8k2cq4w6y8ze"}}',
        log: [
          {
            number: 10,
            at: '2026-11-24T13:04:59.000Z',
            status: 503,
            durationMs: 112,
            error: 'HTTP 503',
            answer: 'Service Unavailable',
          },
        ],
      },
    },
  }),

  /** Deliver once more, now, with the same id; also what was delivered or given up */
  redeliver: mutation({
    summary: 'Deliver once more, now, with the same id; also what was delivered or given up',
    access: 'webhooks:write',
    input: byId,
    output: WebhookDelivery,
    errors: { WEBHOOK_DISABLED: conflict('The webhook is disabled: enable it first.') },
    example: { input: { id: delivery.id }, output: { ...delivery, attempts: 10 } },
  }),
}
