import { z } from 'zod'

const field = (fallback: string) =>
  z
    .string()
    .min(1)
    .max(100)
    .default(fallback)
    .describe(`What the gateway calls the field, such as ${fallback}`)

/** Where short messages go. */
export const SmsSettings = z
  .strictObject({
    transport: z
      .enum(['mailbox', 'http'])
      .default('mailbox')
      .describe(
        'mailbox keeps short messages in the database and sends none; http posts them as JSON to sms.url',
      ),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Where the gateway takes messages by POST'),
    token: z.string().min(1).optional().describe('Sent to the gateway as a bearer token; needed for http'),
    from: z
      .string()
      .min(1)
      .max(20)
      .optional()
      .describe('Who messages are from: a number or a name that the gateway knows'),
    fields: z
      .strictObject({ to: field('to'), text: field('text'), from: field('from') })
      .prefault({})
      .describe('What the gateway calls the fields of its body'),
    extra: z
      .record(z.string(), z.string())
      .default({})
      .describe('Fields that the gateway wants with every message, such as {"type":"transactional"}'),
    sendMs: z.int().min(1).default(10_000).describe('Longest time for one message'),
  })
  .superRefine(({ transport, url, token }, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (transport === 'http' && url === undefined) fault('url', 'is needed when sms.transport is http')
    if (transport === 'http' && token === undefined) fault('token', 'is needed when sms.transport is http')
    if (transport === 'mailbox' && url !== undefined)
      fault('transport', 'must be http for messages to go to sms.url')
  })
  .prefault({})
