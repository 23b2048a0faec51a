import { commonErrors, errorKinds } from './errors.ts'
import type { ContractRecord, Procedure } from './procedure.ts'
import { fieldsOf, routesOf } from './routes.ts'

// tRPC's client is a proxy: `then` would make it a promise, `call` and `apply` are functions' own.
const RESERVED = new Set(['then', 'call', 'apply', 'toJSON', 'constructor', '__proto__', 'prototype'])

/** Thrown at start when a contract can't be served as it is written; lists every fault with its procedure. */
export class ContractError extends Error {
  override readonly name = 'ContractError'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(`The contract has ${faults.length} fault(s):\n${faults.map((fault) => `- ${fault}`).join('\n')}`)
    this.faults = faults
  }
}

/** Tells a procedure from a record of procedures. */
export const isProcedure = (value: unknown): value is Procedure =>
  typeof value === 'object' && value !== null && 'kind' in value && 'input' in value && 'output' in value

/** Every procedure of a contract with its full name, in order of declaration. */
export function* walk(contract: ContractRecord, path = ''): Generator<readonly [name: string, Procedure]> {
  for (const [key, value] of Object.entries(contract)) {
    const name = path ? `${path}.${key}` : key
    if (isProcedure(value)) yield [name, value]
    else yield* walk(value, name)
  }
}

const nameFaults = (name: string): string[] =>
  name.split('.').flatMap((part) => {
    if (RESERVED.has(part)) return [`${name}: "${part}" is reserved by tRPC; choose another name`]
    return /^[a-z][a-zA-Z0-9]*$/.test(part) ? [] : [`${name}: "${part}" is not a camelCase name`]
  })

const routeFaults = (name: string, procedure: Procedure, taken: Map<string, string>): string[] =>
  routesOf(name, procedure).flatMap((route) => {
    const faults: string[] = []
    // Two parameters in the same place are the same route, whatever their names.
    const shape = `${route.method} ${route.path.replace(/\{\w+\}/g, '{}')}`
    const owner = taken.get(shape)
    if (owner) faults.push(`${name}: route "${route.method} ${route.path}" is already that of ${owner}`)
    taken.set(shape, name)
    const fields = fieldsOf(procedure)
    for (const param of route.params)
      if (!fields.includes(param)) faults.push(`${name}: route parameter {${param}} is not in the input`)
    return faults
  })

const errorFaults = (name: string, procedure: Procedure): string[] =>
  Object.entries(procedure.errors).flatMap(([code, spec]) => {
    if (!/^[A-Z][A-Z0-9_]*$/.test(code)) return [`${name}: error code "${code}" is not UPPER_SNAKE_CASE`]
    const common = code in commonErrors ? commonErrors[code as keyof typeof commonErrors] : undefined
    if (common && common.kind !== spec.kind)
      return [`${name}: error ${code} is of kind ${common.kind} everywhere else`]
    return spec.kind in errorKinds ? [] : [`${name}: error ${code} has the unknown kind "${spec.kind}"`]
  })

const exampleFaults = (name: string, procedure: Procedure): string[] => {
  const { example } = procedure
  if (!example) return []
  return (['input', 'output'] as const).flatMap((side) => {
    const result = procedure[side].safeParse(example[side])
    if (result.success) return []
    const first = result.error.issues[0]
    return [
      `${name}: the example's ${side} does not match its schema at "${first?.path.join('.')}": ${first?.message}`,
    ]
  })
}

const tagFaults = (name: string, { invalidates }: Procedure, kept: ReadonlySet<string>): string[] =>
  invalidates
    .filter((tag) => !kept.has(tag))
    .map((tag) => `${name}: invalidates "${tag}", under which no answer is kept`)

const policyFaults = (name: string, procedure: Procedure): string[] => {
  const faults: string[] = []
  if (!procedure.summary.trim()) faults.push(`${name}: has no summary`)
  const field = typeof procedure.limit === 'object' ? procedure.limit.field : undefined
  if (field && !fieldsOf(procedure).includes(field))
    faults.push(`${name}: limit field "${field}" is not in the input`)
  // What is read late would be kept for longer still, past the write that was to drop it.
  if (procedure.mayLag && procedure.cache) faults.push(`${name}: an answer that may lag can't be kept`)
  return faults
}

/**
 * Refuses a contract that can't be served: reserved or badly formed names, a missing summary, duplicate routes,
 * route parameters without a field, errors that contradict, examples that do not match, tags that nothing is kept under.
 * @throws {ContractError} with all faults, each naming its procedure.
 */
export const checkContract = (contract: ContractRecord): void => {
  const taken = new Map<string, string>()
  const codes = new Map<string, string>()
  const faults: string[] = []
  const kept = new Set([...walk(contract)].flatMap(([, { cache }]) => cache?.tags ?? []))
  for (const [name, procedure] of walk(contract)) {
    faults.push(...nameFaults(name), ...policyFaults(name, procedure), ...routeFaults(name, procedure, taken))
    faults.push(...errorFaults(name, procedure), ...exampleFaults(name, procedure))
    faults.push(...tagFaults(name, procedure, kept))
    for (const [code, { kind }] of Object.entries(procedure.errors)) {
      const other = codes.get(code)
      if (other && other !== kind) faults.push(`${name}: error ${code} is of kind ${other} elsewhere`)
      codes.set(code, kind)
    }
  }
  if (faults.length > 0) throw new ContractError(faults)
}
