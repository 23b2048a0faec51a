import { z } from 'zod'

const ms = (fallback: number) => z.int().min(1).default(fallback)

/** One-time codes and links, whatever they are for. */
export const OtpSettings = z
  .strictObject({
    codeMs: ms(10 * 60_000).describe('Life of a code of six digits'),
    linkMs: ms(3_600_000).describe('Life of a mailed link'),
    attempts: z.int().min(1).max(20).default(5).describe('How many guesses at one code are looked at'),
    coolDownMs: ms(60_000).describe('How long to wait before another one is sent for the same purpose'),
    perHour: z.int().min(1).max(100).default(5).describe('Most sent to one address or number in an hour'),
    perDay: z.int().min(1).max(1000).default(15).describe('Most sent to one address or number in a day'),
    wrongPerHour: z
      .int()
      .min(1)
      .max(1000)
      .default(20)
      .describe(
        'Wrong codes for one address or number, over many codes, after which a network waits an hour',
      ),
  })
  .prefault({})
