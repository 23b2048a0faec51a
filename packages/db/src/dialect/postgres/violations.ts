import type { Violation } from '../../violations.ts'
import type { ReadViolation } from '../types.ts'

const KINDS: Readonly<Record<string, Violation['kind']>> = {
  '23505': 'unique',
  '23503': 'foreign-key',
  '23514': 'check',
  '23502': 'not-null',
  '22021': 'invalid-text',
  '22P05': 'invalid-text',
}

const string = (error: object, key: string): string | null => {
  const value: unknown = Reflect.get(error, key)
  return typeof value === 'string' ? value : null
}

/** Reads the fields of a server error; the columns of a key stand only in its detail. */
export const readViolation: ReadViolation = (error) => {
  const kind = KINDS[string(error, 'code') ?? '']
  if (!kind) return null
  const column = string(error, 'column')
  const key = /^Key \((.+?)\)=/.exec(string(error, 'detail') ?? '')?.[1]
  const columns = column ? [column] : (key?.split(', ').map((name) => name.replaceAll('"', '')) ?? [])
  return { kind, constraint: string(error, 'constraint'), table: string(error, 'table'), columns }
}
