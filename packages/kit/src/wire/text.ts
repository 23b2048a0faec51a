import { innermost, shapeOf } from '@plinth/contract'
import type { z } from 'zod'
import { emptyRecord } from './body.ts'

/** Turns the text of a query or path into what the schema means, where it can; what it can't stays text for the schema to refuse. */
type Convert = (values: readonly string[]) => unknown

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

const converterOf = (schema: z.ZodType): Convert => {
  const { type, element } = definition(schema)
  if (type === 'array' && element) {
    const inner = innermost(element)
    const scalar = scalarOf(inner)
    const split = COMMA_SAFE.has(definition(inner).type)
    return (values) => (split ? values.flatMap((value) => value.split(',')) : values).map(scalar)
  }
  const scalar = scalarOf(schema)
  // A field given twice stays a list, which the schema refuses.
  return (values) => (values.length === 1 ? scalar(values[0] ?? '') : values)
}

/**
 * Prepares how query parameters become input: each by its schema; a filter's operators in brackets
 * (`price[gte]=100`); a list by repeating the name. Unknown names are kept, for the schema to refuse.
 */
export const prepareText = (schema: z.ZodType) => {
  const converters = new Map<string, Convert>()
  for (const [key, value] of Object.entries(shapeOf(schema))) {
    const inner = innermost(value)
    if (definition(inner).type !== 'object') converters.set(key, converterOf(inner))
    else
      for (const [operator, leaf] of Object.entries(shapeOf(inner)))
        converters.set(`${key}[${operator}]`, converterOf(innermost(leaf)))
  }
  return (params: Iterable<readonly [string, string]>): Record<string, unknown> => {
    const given = new Map<string, string[]>()
    for (const [key, value] of params) {
      const values = given.get(key)
      if (values) values.push(value)
      else given.set(key, [value])
    }
    const input = emptyRecord()
    for (const [key, values] of given) place(input, key, converters.get(key)?.(values) ?? values[0])
    return input
  }
}

const place = (input: Record<string, unknown>, key: string, value: unknown): void => {
  const match = /^(\w+)\[(\w+)\]$/.exec(key)
  const [, outer, inner] = match ?? []
  if (outer === undefined || inner === undefined) {
    input[key] = value
    return
  }
  const group = input[outer]
  if (typeof group === 'object' && group !== null && !Array.isArray(group))
    Object.assign(group, { [inner]: value })
  else input[outer] = { [inner]: value }
}
