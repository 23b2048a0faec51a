import type { FieldError } from '@plinth/contract'
import type { z } from 'zod'
import { common } from '../failure.ts'

// A client that sends ten thousand bad items learns nothing from ten thousand messages.
const MAX_ERRORS = 100

const fieldErrors = (issues: readonly z.core.$ZodIssue[]): FieldError[] =>
  issues.slice(0, MAX_ERRORS).flatMap((issue) => {
    const path = issue.path.map(String)
    // An unknown field is named by its own path, as any other field that was refused.
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: [...path, key].join('.'),
        message: 'is not a field of this input',
      }))
    return [{ path: path.join('.'), message: issue.message }]
  })

/** Prepares the check of a procedure's input: all errors in one answer, each with the path of its field. */
export const prepareInput =
  (schema: z.ZodType) =>
  (raw: unknown): unknown => {
    const result = schema.safeParse(raw)
    if (result.success) return result.data
    throw common('INVALID_INPUT', { errors: fieldErrors(result.error.issues) })
  }

/** The same for a subscription, whose client adds the id of the last value it saw when it connects again. */
export const prepareResumableInput = (schema: z.ZodType) => {
  const check = prepareInput(schema)
  return (raw: unknown): unknown => {
    if (typeof raw !== 'object' || raw === null || !('lastEventId' in raw)) return check(raw)
    const { lastEventId, ...rest } = raw
    if (typeof lastEventId !== 'string' && lastEventId !== null)
      throw common('INVALID_INPUT', { errors: [{ path: 'lastEventId', message: 'must be text' }] })
    return { ...(check(rest) as object), lastEventId }
  }
}
