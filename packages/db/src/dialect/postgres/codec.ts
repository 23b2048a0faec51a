import { InvalidValueError } from '../../errors.ts'

// The fixed numbers by which the server names its types.
const BOOL = 16
const INT8 = 20
const INT2 = 21
const INT4 = 23
const JSON_TEXT = 114
const FLOAT4 = 700
const FLOAT8 = 701
const TIMESTAMPTZ = 1184
const NUMERIC = 1700
const JSONB = 3802

const bigint = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new InvalidValueError(`the integer ${text} is beyond 2^53 - 1`)
  return value
}

const moment = (text: string): string => {
  // `2026-03-29 01:30:00.12+00`: sessions run in UTC, and trailing zeros are left out.
  if (text.length < 22 || !text.endsWith('+00') || text[4] !== '-')
    throw new InvalidValueError(`${text} is no moment of the years 0000 to 9999`)
  const fraction = text.slice(20, -3).padEnd(3, '0')
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction}Z`
}

const parseJson = (text: string): unknown => JSON.parse(text)

const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [BOOL, (text) => text === 't'],
  [INT2, Number],
  [INT4, Number],
  [INT8, bigint],
  [FLOAT4, Number],
  [FLOAT8, Number],
  // Sums and averages: as a number, which is what the other engine answers.
  [NUMERIC, Number],
  [JSON_TEXT, parseJson],
  [JSONB, parseJson],
  [TIMESTAMPTZ, moment],
])

const asText = (text: string): unknown => text

/** How the driver turns what the server sends into values; whatever is not listed stays text. */
export const types = {
  getTypeParser: (oid: number) => PARSERS.get(oid) ?? asText,
}
