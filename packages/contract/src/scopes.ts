import { walk } from './check.ts'
import type { ContractRecord, Procedure } from './procedure.ts'

const reads = new Set(['query', 'download', 'subscription'])

/** What a limited credential must hold to call a procedure of this name; null where none will do. */
export const scopeOf = (name: string, { scope, kind }: Procedure): string | null => {
  if (scope !== undefined) return scope
  const module = name.split('.').at(-2) ?? name
  return `${module}:${reads.has(kind) ? 'read' : 'write'}`
}

/** Every scope that a credential may be limited to, in order of their names. */
export const scopesOf = (contract: ContractRecord): readonly string[] => {
  const scopes = [...walk(contract)].map(([name, procedure]) => scopeOf(name, procedure))
  return [...new Set(scopes.filter((scope) => scope !== null))].sort()
}
