import { z } from 'zod'

const ms = z.int().min(1)
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

/** What API keys may be. */
export const KeySettings = z
  .strictObject({
    maxPerUser: z.int().min(1).max(1000).default(20).describe('Most API keys that one account may have'),
    maxLifeMs: ms
      .default(365 * DAY)
      .describe('Longest life of an API key, and that of one for which none is asked'),
    overlapMs: z
      .int()
      .min(0)
      .max(30 * DAY)
      .default(DAY)
      .describe('How long the secret before goes on after a rotation, where the call does not say'),
    maxPerMinute: z
      .int()
      .min(1)
      .default(600)
      .describe('Most requests per minute that a key may be given, and what it has where none are asked for'),
    maxBurst: z.int().min(0).default(300).describe('The same for requests that may come at once beyond that'),
    signatureWindowMs: ms
      .max(60 * MINUTE)
      .default(5 * MINUTE)
      .describe('How old, or how far ahead, the timestamp of a signed request may be'),
  })
  .prefault({})
