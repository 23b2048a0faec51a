import { type RawBuilder, sql } from 'kysely'
import { InvalidTextError, InvalidValueError } from './errors.ts'

/** What both drivers can bind. */
export type Bindable = string | number | bigint | boolean | null

class JsonParameter {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}

/**
 * Any JSON value as the value of a json column. Objects and arrays need no wrapping; a top-level text,
 * number or boolean does, because alone it can't be told from a plain column's value.
 */
export const json = <T>(value: T): RawBuilder<T> => sql<T>`${new JsonParameter(value)}`

const ESCAPED_IN_JSON = /(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/

const text = (value: string): string => {
  if (value.includes('\0')) throw new InvalidTextError('a text must not contain the NUL character')
  if (!value.isWellFormed()) throw new InvalidTextError('a text must not contain half of a surrogate pair')
  return value
}

const number = (value: number): number => {
  if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER || Number.isNaN(value))
    throw new InvalidValueError(`the number ${value} can't be stored exactly`)
  // Not every column kind keeps the sign of a negative zero.
  return value === 0 ? 0 : value
}

const moment = (value: Date): string => {
  const iso = Number.isNaN(value.getTime()) ? '' : value.toISOString()
  if (iso.length !== 24)
    throw new InvalidValueError('a moment must be a valid date of the years 0000 to 9999')
  return iso
}

const jsonText = (value: unknown): string => {
  const encoded = JSON.stringify(value)
  if (encoded === undefined) throw new InvalidValueError('the value has no JSON form')
  if (encoded.includes('\\u') && ESCAPED_IN_JSON.test(encoded))
    throw new InvalidTextError('a text inside JSON must not contain NUL or half of a surrogate pair')
  return encoded
}

const object = (value: object): string => {
  if (value instanceof Date) return moment(value)
  if (value instanceof JsonParameter) return jsonText(value.value)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (Array.isArray(value) || prototype === Object.prototype || prototype === null) return jsonText(value)
  throw new InvalidValueError(`a ${value.constructor.name} has no column kind`)
}

/** Turns a value into what every engine stores alike, or refuses it; see `Bindable`. */
export const encodeParameter = (value: unknown): Bindable => {
  switch (typeof value) {
    case 'string':
      return text(value)
    case 'number':
      return number(value)
    case 'boolean':
      return value
    case 'bigint':
      return number(Number(value))
    case 'object':
      return value === null ? null : object(value)
    default:
      throw new InvalidValueError(`a parameter must not be ${typeof value}`)
  }
}
