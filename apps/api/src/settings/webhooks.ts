import { isIP } from 'node:net'
import { z } from 'zod'

const ms = z.int().min(1)
const HOUR = 3_600_000

const isNetwork = (text: string): boolean => {
  const [, address = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  const version = isIP(address)
  return version !== 0 && Number(prefix) <= (version === 4 ? 32 : 128)
}

/** How events are told to other servers. */
export const WebhookSettings = z
  .strictObject({
    most: z.int().min(1).max(10_000).default(100).describe('Most webhooks that may be created'),
    timeoutMs: ms.default(15_000).describe('Longest time of one attempt, from the name to the answer'),
    concurrency: z.int().min(1).max(1000).default(16).describe('Most attempts of one process at once'),
    perHost: z
      .int()
      .min(1)
      .max(1000)
      .default(4)
      .describe('Most of them to one host; a host that is slow has one'),
    overlapMs: ms.default(24 * HOUR).describe('How long the secret before still signs after a rotation'),
    disableAfterMs: ms
      .default(5 * 24 * HOUR)
      .describe('A webhook is disabled once its attempts have failed for so long without a good one'),
    retentionDays: z.int().min(1).default(30).describe('Days that deliveries are kept once they have ended'),
    http: z
      .boolean()
      .default(false)
      .describe('Whether http may be used within webhooks.allowedNetworks; not in production'),
    allowedNetworks: z
      .array(z.string().refine(isNetwork, 'must be a network such as 10.0.0.0/8'))
      .default([])
      .describe('Networks that webhooks may reach although they are not public, such as 127.0.0.0/8'),
    lowPorts: z
      .array(z.int().min(1).max(1023))
      .default([80, 443])
      .describe(
        'Ports below 1024 that webhooks may name; those from 1024 on they may; in the environment as JSON: [80,443]',
      ),
    caFile: z
      .string()
      .optional()
      .describe('PEM file of certificates to trust in the place of the usual ones'),
  })
  .prefault({})
