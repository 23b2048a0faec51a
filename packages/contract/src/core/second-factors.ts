import { z } from 'zod'
import { conflict, gone } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { nothing } from '../words/formats.ts'
import { Moment } from '../words/moments.ts'
import { SecondFactor, secondFactorErrors, TotpCode } from './second-factor.ts'

const State = z
  .object({
    totp: z.object({
      enabledAt: Moment.nullable().describe('Since when codes of an app are asked for; null: they are not'),
      pendingUntil: Moment.nullable().describe('Until when an enrolment that began can be confirmed'),
    }),
    recoveryCodesLeft: z.int().describe('How many recovery codes are not used yet'),
    passkeys: z.int().describe('How many passkeys can sign in'),
  })
  .meta({ id: 'SecondFactors' })

const Codes = z
  .array(z.string())
  .describe('Ten codes, each good for one sign-in without the app; they are not shown again')

const TOTP_OFF = conflict('There is no second factor on: enrol one first.')
const { SECOND_FACTOR_INVALID } = secondFactorErrors

const recoveryCodes = ['3v7k9-m2x4q-8bd6w-hn5rt', 'k4t8c-0pz6y-w1fh3-9jq2d', '7xnm5-r3g0b-v8s6k-c2y4e']
const example: z.infer<typeof State> = {
  totp: { enabledAt: '2026-11-21T09:31:00.000Z', pendingUntil: null },
  recoveryCodesLeft: 10,
  passkeys: 1,
}

/** Second factors: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when the app is lost. */
export const secondFactors = {
  /** Read which second factors are on, and how many recovery codes are left */
  get: query({
    summary: 'Read which second factors are on, and how many recovery codes are left',
    rest: 'GET /user/second-factors',
    scope: null,
    input: nothing,
    output: State,
    example: { output: example },
  }),

  /** Begin to use an authenticator app; it is asked for once a code of it confirmed it */
  enrolTotp: mutation({
    summary: 'Begin to use an authenticator app; it is asked for once a code of it confirmed it',
    rest: 'POST /user/second-factors/totp',
    scope: null,
    fresh: true,
    limit: 'auth',
    // A kept answer would keep the secret in clear.
    idempotent: false,
    input: nothing,
    output: z.object({
      secret: z.string().describe('Base 32, for typing into the app; it is not shown again'),
      uri: z.string().describe('otpauth:// address with the secret, to be shown as a QR code'),
      pendingUntil: Moment.describe('Until when it can be confirmed'),
    }),
    errors: {
      TOTP_ON: conflict('An authenticator app is in use already: switch it off first.'),
    },
    example: {
      output: {
        secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
        uri: 'otpauth://totp/Plinth:ada%40example.com?issuer=Plinth&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30',
        pendingUntil: '2026-11-21T10:30:00.000Z',
      },
    },
  }),

  /** Confirm the authenticator app with a code of it; the answer shows the recovery codes, once */
  confirmTotp: mutation({
    summary: 'Confirm the authenticator app with a code of it; the answer shows the recovery codes, once',
    rest: 'POST /user/second-factors/totp/confirm',
    scope: null,
    fresh: true,
    limit: 'auth',
    idempotent: false,
    input: z.strictObject({ code: TotpCode }),
    output: z.object({ enabledAt: Moment, recoveryCodes: Codes }),
    errors: {
      SECOND_FACTOR_INVALID,
      TOTP_NOT_ENROLLED: conflict('No enrolment waits to be confirmed: begin one first.'),
      ENROLMENT_EXPIRED: gone('This enrolment was not confirmed in time: begin a new one.'),
    },
    example: {
      input: { code: '492039' },
      output: { enabledAt: '2026-11-21T09:31:00.000Z', recoveryCodes },
    },
  }),

  /** Switch the authenticator app off; its recovery codes end with it */
  disableTotp: mutation({
    summary: 'Switch the authenticator app off; its recovery codes end with it',
    rest: 'POST /user/second-factors/totp/disable',
    scope: null,
    fresh: true,
    limit: 'auth',
    idempotent: false,
    input: z.strictObject({ secondFactor: SecondFactor }),
    output: z.object({ disabledAt: Moment }),
    errors: { SECOND_FACTOR_INVALID, TOTP_OFF },
    example: {
      input: { secondFactor: { code: '492039' } },
      output: { disabledAt: '2026-11-21T10:00:00.000Z' },
    },
  }),

  /** Make new recovery codes; those before work no more */
  renewRecoveryCodes: mutation({
    summary: 'Make new recovery codes; those before work no more',
    rest: 'POST /user/second-factors/recovery-codes',
    scope: null,
    fresh: true,
    limit: 'auth',
    idempotent: false,
    input: nothing,
    output: z.object({ recoveryCodes: Codes }),
    errors: { TOTP_OFF },
    example: { output: { recoveryCodes } },
  }),
}
