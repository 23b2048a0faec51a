import type { Violation } from '../../violations.ts'
import type { ReadViolation } from '../types.ts'

const KINDS: Readonly<Record<string, Violation['kind']>> = {
  SQLITE_CONSTRAINT_UNIQUE: 'unique',
  SQLITE_CONSTRAINT_PRIMARYKEY: 'unique',
  SQLITE_CONSTRAINT_FOREIGNKEY: 'foreign-key',
  SQLITE_CONSTRAINT_CHECK: 'check',
  SQLITE_CONSTRAINT_NOTNULL: 'not-null',
  SQLITE_CONSTRAINT_TRIGGER: 'check',
}

const columnsOf = (list: string): Pick<Violation, 'table' | 'columns'> => {
  const names = list.split(', ').map((name) => name.split('.'))
  return { table: names[0]?.[0] ?? null, columns: names.map((parts) => parts.at(-1) ?? '') }
}

/** Reads the message of a constraint error, the only place where the engine names what was violated. */
export const readViolation: ReadViolation = (error) => {
  if (!('code' in error && typeof error.code === 'string' && 'message' in error)) return null
  const kind = KINDS[error.code]
  if (!kind) return null
  const message = String(error.message)
  const detail = message.split(': ').slice(1).join(': ')
  const none: Violation = { kind, constraint: null, table: null, columns: [] }
  // References that restrict are kept by triggers of the engine's own.
  if (message.startsWith('FOREIGN KEY')) return { ...none, kind: 'foreign-key' }
  if (error.code === 'SQLITE_CONSTRAINT_TRIGGER') {
    const table = /^append-only: (.+)$/.exec(message)?.[1]
    return table === undefined ? none : { ...none, constraint: `${table}_append_only`, table }
  }
  if (kind === 'check') return { ...none, constraint: detail }
  if (kind === 'foreign-key') return none
  const index = /^index '(.+)'$/.exec(detail)?.[1]
  return index === undefined ? { ...none, ...columnsOf(detail) } : { ...none, constraint: index }
}
