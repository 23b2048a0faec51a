import { z } from 'zod'

/** An email address, in lower case. At most 254 characters (RFC 5321, section 4.5.3.1.3). */
export const Email = z
  .string()
  .overwrite((value) => value.trim().toLowerCase())
  .max(254)
  .regex(z.regexes.email, 'must be an email address')
  .describe('Email address; stored in lower case')

/** A phone number in international form (E.164). */
export const Phone = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, 'must be a phone number in international form, such as +4930123456')
  .describe('Phone number in international form (E.164)')

/** A web address, http or https. */
export const WebUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .max(2000)
  .describe('Web address, http or https')

/** A postal code of any country: letters, digits, spaces and hyphens. */
export const PostalCode = z
  .string()
  .regex(/^[\dA-Z][\dA-Z -]{1,10}$/i, 'must be a postal code')
  .describe('Postal code')

/** A name for addresses: lower-case words joined by hyphens. */
export const Slug = z
  .string()
  .max(120)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens')
  .describe('Name used in addresses')

/** A language tag such as `en` or `pt-BR` (BCP 47, language and region). */
export const Locale = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'must be a language tag such as en or pt-BR')
  .describe('Language tag (BCP 47)')

/** A time zone of the IANA database, such as `Europe/Berlin`. */
export const TimeZone = z
  .string()
  .max(64)
  .refine((value) => isTimeZone(value), 'must be a time zone such as Europe/Berlin')
  .describe('IANA time zone')

const isTimeZone = (value: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value }).format()
    return true
  } catch {
    // Intl has no other way to ask whether it knows a zone.
    return false
  }
}

/** No input: unknown fields are still refused. */
export const nothing = z.strictObject({}).optional()
