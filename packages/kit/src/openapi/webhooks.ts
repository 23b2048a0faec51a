import { type PublicEvent, webhookBody } from '@plinth/contract'
import { z } from 'zod'

type Json = Readonly<Record<string, unknown>>

const header = (name: string, description: string, example: string): Json => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
  example,
})

// Standard Webhooks: what every delivery carries.
const HEADERS = [
  header(
    'webhook-id',
    'Id of the event, the same in every attempt: deal with each id once',
    'evt_01jd7m3x5sfa9v8k2cq4w6y8ze',
  ),
  header('webhook-timestamp', 'When this attempt was made, in seconds since 1970', '1795253400'),
  header(
    'webhook-signature',
    'Signatures of `id.timestamp.body`, one for each live secret: v1, and base64 of HMAC-SHA256, with spaces between',
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  ),
]

const RESPONSES = {
  '2XX': { description: 'It was taken over. Any other answer, and none within 15 seconds, is tried again.' },
  '410': { description: 'Never again: the webhook is disabled.' },
}

const schemaOf = (name: string, event: PublicEvent): Json => {
  const { $schema, ...schema } = z.toJSONSchema(webhookBody(name, event), { io: 'input' })
  return schema
}

/** The events of a contract, as the requests that a receiver of webhooks gets. */
export const webhooksOf = (events: Readonly<Record<string, PublicEvent>>): Json =>
  Object.fromEntries(
    Object.entries(events).map(([name, event]) => [
      name,
      {
        post: {
          operationId: `events.${name}`,
          summary: event.summary,
          description: 'Signed after the Standard Webhooks specification, and delivered at least once.',
          tags: ['core.webhooks'],
          security: [],
          parameters: HEADERS,
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: schemaOf(name, event),
                example: { type: name, timestamp: '2026-11-21T09:30:00.000Z', data: event.example },
              },
            },
          },
          responses: RESPONSES,
        },
      },
    ]),
  )
