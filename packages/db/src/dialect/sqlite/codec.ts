import type { ColumnDefinition } from 'better-sqlite3'
import { InvalidValueError } from '../../errors.ts'
import { encodeParameter } from '../../parameters.ts'

type Value = string | number | bigint | null

/** Encodes the parameters of one statement; booleans become 0 and 1. */
export const encode = (parameters: readonly unknown[]): Value[] => {
  const encoded = new Array<Value>(parameters.length)
  for (let at = 0; at < parameters.length; at += 1) {
    const value = encodeParameter(parameters[at])
    encoded[at] = typeof value === 'boolean' ? Number(value) : value
  }
  return encoded
}

const safeInteger = (value: unknown, column: string): unknown => {
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    throw new InvalidValueError(`column ${column} holds an integer beyond 2^53 - 1`)
  return value
}

const canonicalMoment = (value: unknown, column: string): unknown => {
  // Anything else would sort and compare wrongly in the database, so it is better found at once.
  if (typeof value === 'string' && (value.length !== 24 || value[23] !== 'Z'))
    throw new InvalidValueError(`column ${column} holds ${value}, which is no UTC moment with milliseconds`)
  return value
}

const parseJson = (text: string): unknown => JSON.parse(text)

const DECODERS: Readonly<Record<string, (value: unknown, column: string) => unknown>> = {
  boolean: (value) => (value === null ? null : value !== 0),
  json_text: (value) => (typeof value === 'string' ? parseJson(value) : value),
  moment_text: canonicalMoment,
  bigint: safeInteger,
}

/** Turns the rows of one statement into what they were before they were stored, in place. */
export type Decode = (rows: Record<string, unknown>[]) => void

/** Finds once what each column of a statement needs, by the type it was declared with. */
export const decoderOf = (columns: readonly ColumnDefinition[]): Decode | null => {
  const steps = columns.flatMap(({ name, type }) => {
    const decode = DECODERS[type?.toLowerCase() ?? '']
    return decode ? [{ name, decode }] : []
  })
  if (steps.length === 0) return null
  return (rows) => {
    for (const row of rows) for (const { name, decode } of steps) row[name] = decode(row[name], name)
  }
}
