import { Secret, TOTP } from 'otpauth'

// What every app can do (RFC 6238, section 1.2 and the defaults of the key URI format).
const FORM = { algorithm: 'SHA1', digits: 6, period: 30 } as const
// Of the step before and the one after: clocks differ, and typing takes time (RFC 6238, section 5.2).
const WINDOW = 1
// As long as the hash (RFC 4226, section 4, R6).
const SECRET_BYTES = 20

/** A new secret in base 32. */
export const newTotpSecret = (): string => new Secret({ size: SECRET_BYTES }).base32

/** The address that an app reads from a QR code. */
export const totpUri = (secret: string, issuer: string, label: string): string =>
  new TOTP({ ...FORM, issuer, label, secret: Secret.fromBase32(secret) }).toString()

/** The step of 30 seconds that a code belongs to; null where it is none of the three about now. */
export const totpStep = (secret: string, code: string, now: Date): number | null => {
  const timestamp = now.getTime()
  const delta = TOTP.validate({
    ...FORM,
    token: code,
    secret: Secret.fromBase32(secret),
    timestamp,
    window: WINDOW,
  })
  return delta === null ? null : TOTP.counter({ period: FORM.period, timestamp }) + delta
}
