import { z } from 'zod'
import { unauthenticated } from '../errors.ts'

/** A code of an authenticator app: six digits (RFC 6238). */
export const TotpCode = z
  .string()
  .regex(/^\d{6}$/, 'must be the six digits that the app shows')
  .describe('The six digits that the authenticator app shows now')

/** A recovery code: 20 signs in four groups; capitals, spaces and hyphens make no difference. */
const RecoveryCode = z
  .string()
  .max(40)
  .regex(/^[\dA-Za-z -]{20,40}$/, 'must be a recovery code such as 3v7k9-m2x4q-8bd6w-hn5rt')
  .describe('One of the recovery codes, which is spent by this')

/** What somebody with a second factor gives beside the first: a code of the app, or a recovery code. */
export const SecondFactor = z
  .union([z.strictObject({ code: TotpCode }), z.strictObject({ recoveryCode: RecoveryCode })], {
    error: 'must be { code } with six digits or { recoveryCode }',
  })
  .describe('A code of the authenticator app, or a recovery code')

export type SecondFactor = z.infer<typeof SecondFactor>

/** What is answered where a second factor is asked for. */
export const secondFactorErrors = {
  SECOND_FACTOR_NEEDED: unauthenticated(
    'This account has a second factor: send secondFactor too, with the code of the app or a recovery code.',
  ),
  SECOND_FACTOR_INVALID: unauthenticated(
    'This code is wrong, too old or used already: send the one that the app shows now.',
  ),
} as const
