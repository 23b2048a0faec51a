import { isIP } from 'node:net'
import type { CoreSettings } from '@plinth/core'
import { z } from 'zod'

const ms = z.int().min(1)
const MINUTE = 60_000

/** How second factors are enrolled, and how guessing at them is stopped. */
export const SecondFactorSettings = z
  .strictObject({
    issuer: z
      .string()
      .regex(/^[^:]{1,60}$/, 'must be 1 to 60 signs without a colon')
      .default('Plinth')
      .describe('Name that authenticator apps and browsers show for this site'),
    enrolmentMs: ms.default(60 * MINUTE).describe('How long an authenticator app waits to be confirmed'),
    failures: z
      .int()
      .min(1)
      .max(100)
      .default(5)
      .describe('How many wrong codes, or wrong proofs, lock an account for one network'),
    accountFailures: z
      .int()
      .min(1)
      .max(1000)
      .default(20)
      .describe('The same for an account from all networks together'),
    windowMs: ms.default(15 * MINUTE).describe('Within how long wrong ones of one network count together'),
    lockMs: ms.default(15 * MINUTE).describe('How long the account is locked for that network'),
    accountWindowMs: ms.default(24 * 60 * MINUTE).describe('The same for an account from all networks'),
    accountLockMs: ms.default(24 * 60 * MINUTE).describe('The same for an account from all networks'),
  })
  .prefault({})

/** For which site passkeys are made. */
export const PasskeySettings = z
  .strictObject({
    rpId: z
      .string()
      .regex(/^[a-z0-9.-]{1,253}$/, 'must be a domain in lower case')
      .optional()
      .describe(
        'Domain that passkeys belong to; it can not be changed later; left out: the host of webUrl, localhost for an address',
      ),
    origins: z
      .array(z.string().min(1).max(300))
      .default([])
      .describe('Origins of pages and apps that may use passkeys; left out: that of webUrl'),
    challengeMs: ms.default(5 * MINUTE).describe('How long a ceremony in the browser may take'),
    most: z.int().min(1).max(100).default(20).describe('Most passkeys that one account may have'),
  })
  .prefault({})

interface Given {
  readonly passkeys: z.output<typeof PasskeySettings>
  readonly secondFactors: z.output<typeof SecondFactorSettings>
}

/** The site that passkeys are made for. Browsers make none for an address, so that there localhost stands for it. */
export const passkeysOf = ({ passkeys, secondFactors }: Given, webUrl: string): CoreSettings['passkeys'] => {
  // An address of IPv6 that is bound to stands in no brackets.
  const page = new URL(URL.canParse(webUrl) ? webUrl : 'http://localhost')
  if (isIP(page.hostname.replace(/^\[|\]$/g, '')) !== 0) page.hostname = 'localhost'
  const { challengeMs, most, rpId = page.hostname } = passkeys
  const origins = passkeys.origins.length > 0 ? passkeys.origins : [page.origin]
  return { rpId, origins, challengeMs, most, rpName: secondFactors.issuer }
}

const isOfSite = (origin: string, rpId: string): boolean => {
  if (!URL.canParse(origin)) return false
  const { protocol, hostname } = new URL(origin)
  // Apps speak for a site by an agreement that is not looked at here.
  return !protocol.startsWith('http') || hostname === rpId || hostname.endsWith(`.${rpId}`)
}

/** Origins where no browser would use a passkey of this site. */
export const passkeyFaults = (settings: Given, webUrl: string): string[] => {
  const { rpId, origins } = passkeysOf(settings, webUrl)
  return origins
    .filter((origin) => !isOfSite(origin, rpId))
    .map((origin) => `passkeys.origins: ${origin} is not of the domain passkeys.rpId, which is ${rpId}`)
}

/** The rules that the settings of second factors stand for. */
export const secondFactorsOf = ({ secondFactors }: Given): CoreSettings['secondFactors'] => {
  const { issuer, enrolmentMs, failures, windowMs, lockMs, ...account } = secondFactors
  const attempts = {
    perNetwork: { failures, windowMs, lockMs },
    perAccount: {
      failures: account.accountFailures,
      windowMs: account.accountWindowMs,
      lockMs: account.accountLockMs,
    },
  }
  return { issuer, enrolmentMs, attempts }
}
