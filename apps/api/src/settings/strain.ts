import { z } from 'zod'

/** When limits are shrunk because the process has too much to do. */
export const StrainSettings = z
  .strictObject({
    on: z.boolean().default(true).describe('Whether limits are shrunk under strain'),
    delayMs: z
      .int()
      .min(1)
      .default(250)
      .describe('Strain: the event loop is late by so much on average over a second'),
    inFlightShare: z
      .number()
      .min(0.01)
      .max(1)
      .default(0.8)
      .describe('Strain: so large a share of http.maxInFlight is at work'),
    forMs: z
      .int()
      .min(0)
      .default(3000)
      .describe('How long strain must last for each step: half, a quarter, a tenth of the limits'),
    calmMs: z
      .int()
      .min(0)
      .default(10_000)
      .describe('How long less than half of it must last for each step back'),
  })
  .prefault({})
