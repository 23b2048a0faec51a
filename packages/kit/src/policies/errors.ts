import type { CommonErrorCode, ErrorSpec, FieldError } from '@plinth/contract'
import { CursorError, isUnavailable, PoolTimeoutError, violation } from '@plinth/db'
import { common, type Fail, Failure } from '../failure.ts'
import { OutsideError } from '../outside/error.ts'
import { LockBusyError, LockLostError } from '../ports/lock-errors.ts'

type Violation = NonNullable<ReturnType<typeof violation>>

const RETRY = { 'retry-after': '1' }

const CODES: Readonly<Record<Violation['kind'], CommonErrorCode>> = {
  unique: 'VALUE_TAKEN',
  'foreign-key': 'REFERENCE_UNKNOWN',
  check: 'INVALID_INPUT',
  'not-null': 'INVALID_INPUT',
  'invalid-text': 'INVALID_INPUT',
}

const MESSAGES: Readonly<Record<Violation['kind'], string>> = {
  unique: 'is taken',
  'foreign-key': 'does not exist, or is still in use',
  check: 'is out of bounds',
  'not-null': 'is required',
  'invalid-text': 'holds a character that can not be stored',
}

const fieldsOf = ({ columns, kind }: Violation): FieldError[] =>
  columns.map((column) => ({
    path: column.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    message: MESSAGES[kind],
  }))

const declared = (fail: Fail<string>, code: string, errors: readonly FieldError[]): Failure => {
  try {
    return fail(code, { errors })
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}

const ofOutside = (cause: OutsideError): Failure => {
  const seconds = Math.max(1, Math.ceil(cause.retryAfterMs / 1000))
  return common('UNAVAILABLE', { headers: { 'retry-after': String(seconds) }, cause })
}

// A database that is away or busy, or a lock that others hold, is back soon, as a rule: the caller is told to try again.
const ofDatabase = (cause: unknown): Failure | null => {
  if (cause instanceof CursorError)
    return common('INVALID_INPUT', { errors: [{ path: 'cursor', message: cause.message }] })
  if (cause instanceof PoolTimeoutError || cause instanceof LockBusyError)
    return common('OVERLOADED', { headers: RETRY, cause })
  return isUnavailable(cause) || cause instanceof LockLostError
    ? common('UNAVAILABLE', { headers: RETRY, cause })
    : null
}

/**
 * Prepares how whatever is thrown becomes a failure that can be told: violated constraints by the codes of the
 * contract, a database or another part that does not answer as 503, the rest as INTERNAL with its cause kept for the log.
 */
export const prepareErrors = (
  fail: Fail<string>,
  unique: Readonly<Record<string, string>>,
  declaredErrors: Readonly<Record<string, ErrorSpec>>,
) => {
  const ofViolation = (violated: Violation, cause: unknown): Failure => {
    const errors = fieldsOf(violated)
    const code =
      violated.kind === 'unique' ? unique[`${violated.table}.${violated.columns.join(',')}`] : undefined
    // A module names its codes once, and not each of its procedures declares all of them.
    return code === undefined || !(code in declaredErrors)
      ? common(CODES[violated.kind], { errors, cause })
      : declared(fail, code, errors)
  }
  return (error: unknown): Failure => {
    if (error instanceof Failure) return error
    if (error instanceof OutsideError) return ofOutside(error)
    const violated = violation(error)
    if (violated) return ofViolation(violated, error)
    return ofDatabase(error) ?? common('INTERNAL', { cause: error })
  }
}
