import { z } from 'zod'
import { conflict, forbidden } from '../errors.ts'

/** What can keep an account from being used. */
export const accountErrors = {
  ACCOUNT_DISABLED: forbidden('This account is disabled: ask the support to enable it again.'),
  ACCOUNT_BANNED: forbidden('This account is banned: ask the support for the reason.'),
  ACCOUNT_PENDING: forbidden('This account waits to be approved: you will be told by mail.'),
} as const

/** What can stand in the way of somebody who has proved who they are. */
export const signInErrors = {
  ...accountErrors,
  TOO_MANY_LOGINS: conflict(
    'This account is signed in at as many places as it may: sign out at one of them.',
  ),
} as const

/** How a client keeps its tokens: in its own hands, or in HttpOnly cookies that this answer sets. */
const Transport = z
  .enum(['bearer', 'cookie'])
  .describe(
    'bearer: the tokens are in the answer; cookie: they are set as HttpOnly cookies and tokens is null',
  )

/** What a credential is limited to; those that exist are listed in the reference of permissions. */
export const Scopes = z
  .array(z.string().regex(/^[a-zA-Z]+:(read|write)$/, 'must be a scope such as products:read'))
  .min(1)
  .max(100)
  .describe('Scopes such as products:read')

/** What every way to sign in takes besides the proof itself. */
export const signInInput = {
  transport: Transport.default('bearer'),
  deviceToken: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('The token by which this device is recognised, from an earlier sign-in; a cookie does as well'),
  deviceName: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe('How its owner will know the device in the list; left out: made from the user agent'),
  scopes: Scopes.optional().describe(
    'What the login is limited to, such as products:read; left out: nothing',
  ),
}
