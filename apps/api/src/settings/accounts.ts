import { z } from 'zod'

/** Who may register, and as what. */
export const AccountSettings = z
  .strictObject({
    refuseDisposable: z
      .boolean()
      .default(false)
      .describe('Refuses to register addresses of throw-away mail services'),
    maxRoles: z.int().min(6).max(1000).default(100).describe('Most roles that there may be'),
  })
  .prefault({})

/** What passwords may be chosen. */
export const PasswordSettings = z
  .strictObject({
    minScore: z
      .int()
      .min(0)
      .max(4)
      .default(3)
      .describe(
        'How hard to guess a new password must be, from 0 to 4 by zxcvbn; 0 only refuses common ones and those with a name',
      ),
  })
  .prefault({})
