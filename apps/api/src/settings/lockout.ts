import { z } from 'zod'

/** When failed attempts lock an account; a lock clears by itself. */
export const LockoutSettings = z
  .strictObject({
    perNetwork: z
      .int()
      .min(1)
      .default(10)
      .describe(
        'After so many failed sign-ins to one account from one network that network is locked out of it',
      ),
    perAccount: z
      .int()
      .min(1)
      .default(100)
      .describe(
        'After so many failed sign-ins to one account from anywhere only devices that it was signed in to before may try',
      ),
    windowMs: z
      .int()
      .min(1)
      .default(15 * 60_000)
      .describe('Within how long they count together'),
    lockMs: z
      .int()
      .min(1)
      .default(15 * 60_000)
      .describe('How long a lock lasts'),
  })
  .prefault({})
