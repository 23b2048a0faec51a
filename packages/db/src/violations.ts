import { readViolation as postgres } from './dialect/postgres/violations.ts'
import { readViolation as sqlite } from './dialect/sqlite/violations.ts'
import { InvalidTextError } from './errors.ts'

/**
 * Which rule of the database refused a row. Decide by `kind` and `columns` (unique) or `constraint` (check):
 * what an engine does not tell is null or empty.
 */
export interface Violation {
  kind: 'unique' | 'foreign-key' | 'check' | 'not-null' | 'invalid-text'
  constraint: string | null
  table: string | null
  columns: string[]
}

/** Reads an error as the violation of a constraint, at any depth of its causes; null for any other error. */
export const violation = (error: unknown): Violation | null => {
  if (!(error instanceof Error)) return null
  if (error instanceof InvalidTextError)
    return { kind: 'invalid-text', constraint: null, table: null, columns: [] }
  return sqlite(error) ?? postgres(error) ?? violation(error.cause)
}
