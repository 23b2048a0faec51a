import { z } from 'zod'

/** Where events go beside this server. */
export const BrokerSettings = z
  .strictObject({
    url: z
      .url({ protocol: /^amqps?$/ })
      .optional()
      .describe('amqp://user:password@HOST:PORT/VHOST or amqps://...; left out: events stay in the house'),
    exchange: z
      .string()
      .regex(/^(?!amq\.)[\w.:-]{1,100}$/, 'must be letters, digits and . : _ -, and must not begin with amq.')
      .default('plinth.events')
      .describe('Durable topic exchange; the routing key of an event is its name'),
    mandatory: z
      .boolean()
      .default(false)
      .describe('Whether an event that reaches no queue counts as not published and is tried again'),
    connectMs: z
      .int()
      .min(1)
      .default(5000)
      .describe('How long a connection may take; the pause between two tries grows up to twice that'),
    keepTryingMs: z
      .int()
      .min(0)
      .default(3 * 24 * 3_600_000)
      .describe(
        'How long an event is tried while the broker is away; then its job is dead and can be redriven',
      ),
  })
  .prefault({})
