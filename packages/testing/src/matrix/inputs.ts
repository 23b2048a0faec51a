import { fieldsOf, type Procedure } from '@plinth/contract'
import { isRecord, type Wire } from './wire.ts'

/** An input that must be refused, and the field that it must be refused for. */
export interface FaultyInput {
  readonly field: string
  readonly input: unknown
}

const UNKNOWN_FIELD = 'fieldThatNobodyKnows'
const WRONG_VALUES = [{ unexpected: true }, 17, true, '@ wrong', [[]]]
// What a query or path can carry: text, and several of it.
const WRONG_TEXTS = ['@ wrong', ['@ wrong', '@ wrong too']]

const isRefused = ({ input: schema }: Procedure, { field, input }: FaultyInput): boolean =>
  schema.safeParse(input).error?.issues.some((issue) => String(issue.path[0]) === field) ?? false

const objectOf = (input: unknown): Readonly<Record<string, unknown>> => (isRecord(input) ? input : {})

const without = (input: unknown, field: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(objectOf(input)).filter(([key]) => key !== field))

const isInPath = (wire: Wire, field: string): boolean => wire.route?.params.includes(field) ?? false

/** The sample with one field of a wrong type, for every field that has a type over this wire. */
export const wrongTypes = (procedure: Procedure, sample: unknown, wire: Wire): readonly FaultyInput[] =>
  fieldsOf(procedure).flatMap((field) => {
    const isText = wire.isText || isInPath(wire, field)
    const values = isInPath(wire, field) ? WRONG_TEXTS.slice(0, 1) : isText ? WRONG_TEXTS : WRONG_VALUES
    const faulty = values
      .map((value) => ({ field, input: { ...objectOf(sample), [field]: value } }))
      .find((candidate) => isRefused(procedure, candidate))
    return faulty ? [faulty] : []
  })

/** The sample with one field left out, for every field that is required and can be left out over this wire. */
export const missingFields = (procedure: Procedure, sample: unknown, wire: Wire): readonly FaultyInput[] =>
  fieldsOf(procedure)
    .filter((field) => !isInPath(wire, field))
    .map((field) => ({ field, input: without(sample, field) }))
    .filter((candidate) => isRefused(procedure, candidate))

/** The sample with a field that the procedure does not have. */
export const unknownField = (sample: unknown): FaultyInput => ({
  field: UNKNOWN_FIELD,
  input: { ...objectOf(sample), [UNKNOWN_FIELD]: 'x' },
})

const ID = /^([a-z]{3}_)[0-7][0-9a-z]{25}$/

const unknownOf = (value: unknown): string => {
  const [, prefix] = ID.exec(String(value)) ?? []
  return prefix === undefined ? 'nothing' : `${prefix}${'0'.repeat(26)}`
}

/** The sample with what its route names replaced by something that does not exist; null where the route names nothing. */
export const unknownObject = (params: readonly string[], sample: unknown): unknown => {
  if (params.length === 0) return null
  const input = objectOf(sample)
  return { ...input, ...Object.fromEntries(params.map((param) => [param, unknownOf(input[param])])) }
}

// A NUL (Postgres stores none), half a surrogate pair, quotes of SQL, a name of JavaScript's own, more than any field holds.
const HOSTILE = ['\u0000', '\ud800', "' OR 1=1; --", '__proto__', '\u{1f600}%', 'x'.repeat(2000)]

const replaced = (value: unknown, text: string): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => replaced(item, text))
  if (!isRecord(value)) return text
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaced(inner, text)]))
}

/** The sample with hostile text in each of its fields in turn, and in those that it leaves out. */
export const hostileInputs = (procedure: Procedure, sample: unknown): readonly unknown[] =>
  fieldsOf(procedure).flatMap((field) =>
    HOSTILE.map((text) => ({ ...objectOf(sample), [field]: replaced(objectOf(sample)[field], text) })),
  )

/** The sample without each of its fields in turn. */
export const partialInputs = (procedure: Procedure, sample: unknown, wire: Wire): readonly unknown[] =>
  fieldsOf(procedure)
    .filter((field) => !isInPath(wire, field))
    .map((field) => without(sample, field))
