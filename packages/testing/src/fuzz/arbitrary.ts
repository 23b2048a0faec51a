import fc from 'fast-check'
import type { z } from 'zod'
import { isRecord } from '../matrix/wire.ts'
import { inputNode, type JsonSchema, type Node, optionsOf, resolve } from './json-schema.ts'

const MOST_ITEMS = 6
const MOST_TEXT = 300
const SAFE = Number.MAX_SAFE_INTEGER

const file = (): fc.Arbitrary<File> =>
  fc
    .record({ bytes: fc.uint8Array({ maxLength: 200 }), name: fc.stringMatching(/^[a-z]{1,9}\.txt$/) })
    .map(({ bytes, name }) => new File([new Uint8Array(bytes)], name))

const matches = new Map<string, fc.Arbitrary<string>>()

const fromPattern = (pattern: string): fc.Arbitrary<string> => {
  try {
    return fc.stringMatching(new RegExp(pattern))
  } catch {
    // It can't be run backwards, as one that looks ahead can't: text that may or may not match it.
    return fc.string({ maxLength: 20 })
  }
}

const texts = new Map<string, fc.Arbitrary<string>>()

// Made once for each pair of lengths: fast-check goes through all its hostile strings to make one.
const ofLength = (minLength: number, maxLength: number): fc.Arbitrary<string> => {
  const length = { minLength, maxLength }
  const key = `${minLength} ${maxLength}`
  const known = texts.get(key) ?? fc.oneof(fc.string(length), fc.string({ ...length, unit: 'grapheme' }))
  texts.set(key, known)
  return known
}

// To read a pattern takes fast-check as long as some twenty calls, and few patterns stand in many schemas.
const matching = (pattern: string): fc.Arbitrary<string> => {
  const known = matches.get(pattern) ?? fromPattern(pattern)
  matches.set(pattern, known)
  return known
}

const text = ({
  pattern,
  format,
  minLength = 0,
  maxLength = MOST_TEXT,
}: JsonSchema): fc.Arbitrary<unknown> => {
  if (format === 'binary') return file()
  if (format === 'uri') return fc.webUrl()
  if (pattern !== undefined) return matching(pattern)
  return ofLength(minLength, Math.max(minLength, Math.min(maxLength, MOST_TEXT)))
}

const list = ({ schema, root }: Node, known: unknown): fc.Arbitrary<unknown> => {
  const { minItems = 0, maxItems = MOST_ITEMS, items = {} } = schema
  const bounds = { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, MOST_ITEMS)) }
  return fc.array(near({ schema: items, root }, Array.isArray(known) ? known[0] : undefined), bounds)
}

const object = ({ schema, root }: Node, known: unknown): fc.Arbitrary<unknown> => {
  const sample = isRecord(known) ? known : {}
  const fields = Object.entries(schema.properties ?? {}).map(([key, field]) => [
    key,
    near({ schema: field, root }, sample[key]),
  ])
  const model = Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>
  const more = schema.additionalProperties
  if (fields.length === 0 && typeof more === 'object')
    return fc.dictionary(
      fc.string({ minLength: 1, maxLength: 10 }),
      near({ schema: more, root }, undefined),
      {
        maxKeys: MOST_ITEMS,
        noNullPrototype: true,
      },
    )
  return fc.record(model, { requiredKeys: [...(schema.required ?? [])], noNullPrototype: true })
}

const ofType = (node: Node, known: unknown): fc.Arbitrary<unknown> => {
  const { schema } = node
  const { minimum = -SAFE, maximum = SAFE } = schema
  switch (schema.type) {
    case 'string':
      return text(schema)
    case 'integer':
      return fc.oneof(
        fc.integer({ min: Math.max(minimum, -1000), max: Math.max(minimum, Math.min(maximum, 1000)) }),
        fc.maxSafeInteger().map((value) => Math.min(Math.max(value, minimum), maximum)),
      )
    case 'number':
      return fc.double({ min: minimum, max: maximum, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return list(node, known)
    case 'object':
      return object(node, known)
    default:
      return fc.jsonValue()
  }
}

const shaped = (node: Node, known: unknown): fc.Arbitrary<unknown> => {
  const options = optionsOf(node)
  if (options) return fc.oneof(...options.map((option) => shaped(option, known)))
  const { schema } = node
  if (schema.enum) return fc.constantFrom(...schema.enum)
  return schema.const === undefined ? ofType(node, known) : fc.constant(schema.const)
}

/** Values of a node; the one that is known to be good is among them, so that ids name something now and then. */
const near = (given: Node, known: unknown): fc.Arbitrary<unknown> => {
  const node = resolve(given)
  const values = shaped(node, known)
  return known === undefined
    ? values
    : fc.oneof({ weight: 1, arbitrary: fc.constant(known) }, { weight: 1, arbitrary: values })
}

const without = (input: unknown, fields: ReadonlySet<string>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(isRecord(input) ? input : {}).filter(([key]) => !fields.has(key)))

/** The input with the fields that the schema refuses taken from the sample; the sample where that does not do. */
const repaired = (schema: z.ZodType, input: unknown, sample: unknown): unknown => {
  const { error } = schema.safeParse(input)
  if (!error) return input
  const refused = new Set(error.issues.map(({ path }) => String(path[0])))
  const good = isRecord(sample) ? Object.entries(sample).filter(([key]) => refused.has(key)) : []
  const mended = { ...without(input, refused), ...Object.fromEntries(good) }
  return schema.safeParse(mended).success ? mended : sample
}

/** Inputs that a schema accepts, around a sample that it accepts; checks that no pattern tells are met by the sample's values. */
export const validInputs = (schema: z.ZodType, sample: unknown): fc.Arbitrary<unknown> =>
  near(inputNode(schema), sample).map((input) => repaired(schema, input, sample))
