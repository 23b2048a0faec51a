import { parse } from 'node:querystring'
import { innermost, shapeOf } from '@plinth/contract'
import type { z } from 'zod'
import { emptyRecord } from './body.ts'

/** Turns the text of a query or path into what the schema means, where it can; what it can't stays text for the schema to refuse. */
interface Converter {
  one(text: string): unknown
  /** What is given several times. */
  many(values: readonly string[]): unknown
}

interface Definition {
  readonly type: string
  readonly element?: z.ZodType
}

const definition = (schema: z.ZodType): Definition => schema.def

const toNumber = (text: string): unknown => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text)
const toBoolean = (text: string): unknown => (text === 'true' ? true : text === 'false' ? false : text)

const scalarOf = (schema: z.ZodType): ((text: string) => unknown) => {
  const { type } = definition(schema)
  if (type === 'number' || type === 'int') return toNumber
  return type === 'boolean' ? toBoolean : (text) => text
}

// Free text may hold commas; names, numbers and ids never do, so that `sort=-price,name` is what it looks like.
const COMMA_SAFE = new Set(['enum', 'number', 'int', 'literal'])

// A field given twice stays a list, which the schema refuses.
const asList = (values: readonly string[]): unknown => values

const converterOf = (schema: z.ZodType): Converter => {
  const { type, element } = definition(schema)
  if (type !== 'array' || !element) return { one: scalarOf(schema), many: asList }
  const inner = innermost(element)
  const scalar = scalarOf(inner)
  const split = COMMA_SAFE.has(definition(inner).type)
  const many = (values: readonly string[]) =>
    (split ? values.flatMap((value) => value.split(',')) : values).map(scalar)
  return { one: (text) => many([text]), many }
}

const UNKNOWN: Converter = { one: (text) => text, many: ([first]) => first }

/**
 * Prepares how query parameters become input: each by its schema; a filter's operators in brackets
 * (`price[gte]=100`); a list by repeating the name. Unknown names are kept, for the schema to refuse.
 */
export const prepareText = (schema: z.ZodType) => {
  const converters = new Map<string, Converter>()
  for (const [key, value] of Object.entries(shapeOf(schema))) {
    const inner = innermost(value)
    if (definition(inner).type !== 'object') converters.set(key, converterOf(inner))
    else
      for (const [operator, leaf] of Object.entries(shapeOf(inner)))
        converters.set(`${key}[${operator}]`, converterOf(innermost(leaf)))
  }
  return (query: string, path: Readonly<Record<string, string>>): Record<string, unknown> => {
    const input: Record<string, unknown> = {}
    const given = query === '' ? NOTHING : parse(query, '&', '=', UNBOUNDED)
    const put = (key: string, value: string | readonly string[]): void => {
      const { one, many } = converters.get(key) ?? UNKNOWN
      place(input, key, typeof value === 'string' ? one(value) : many(value))
    }
    for (const key in given) put(key, given[key] ?? '')
    for (const [key, value] of Object.entries(path)) {
      const before = given[key]
      // A parameter of the path that the query gives, too, is a field given twice.
      put(key, before === undefined ? value : [before, value].flat())
    }
    return input
  }
}

const NOTHING: Readonly<Record<string, undefined>> = Object.freeze(emptyRecord() as Record<string, undefined>)
// Node bounds the length of a URL by that of its headers.
const UNBOUNDED = { maxKeys: 0 }

const place = (input: Record<string, unknown>, key: string, value: unknown): void => {
  const [, outer, inner] = (key.endsWith(']') && /^(\w+)\[(\w+)\]$/.exec(key)) || []
  if (outer === undefined || inner === undefined) set(input, key, value)
  else if (Object.hasOwn(input, outer) && isGroup(input[outer])) set(input[outer], inner, value)
  else set(input, outer, { [inner]: value })
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// No name that a client sends means anything: this one would be the prototype.
const set = (record: Record<string, unknown>, key: string, value: unknown): void => {
  if (key !== '__proto__') record[key] = value
  else Object.defineProperty(record, key, { value, enumerable: true, writable: true, configurable: true })
}
