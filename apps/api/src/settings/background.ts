import { z } from 'zod'

/** Where events, jobs and schedules run. */
export const BackgroundSettings = z
  .strictObject({
    on: z
      .boolean()
      .default(true)
      .describe('Whether events, jobs and schedules run in the API process; false: in `plinth worker` alone'),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(3001)
      .describe(
        'Port on which `plinth worker` answers /health, /ready and /metrics; 0 takes any that is free',
      ),
  })
  .prefault({})
