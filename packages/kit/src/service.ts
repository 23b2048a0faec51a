import { type ContractRecord, checkContract, type Procedure, walk } from '@plinth/contract'
import type { KitDeps } from './deps.ts'
import type { AnyHandler, Implementation } from './implement.ts'
import { type Prepared, prepare } from './pipeline.ts'
import { createInProgress } from './policies/idempotency.ts'
import { createRemember } from './policies/remember.ts'

type IsModule<C> = C extends Readonly<Record<string, Procedure>> ? true : false

/** An implementation for every module of a contract. */
export type Implementations<C> = {
  readonly [K in keyof C]: IsModule<C[K]> extends true ? Implementation : Implementations<C[K]>
}

/** A contract whose procedures are ready to be called. */
export interface Service {
  readonly contract: ContractRecord
  readonly procedures: ReadonlyMap<string, Prepared>
  readonly deps: KitDeps
}

/** A contract bound to what answers it. */
export interface Bound {
  readonly contract: ContractRecord
  readonly implementations: unknown
}

/** Binds a contract to its handlers; a module without its implementation does not compile. */
export const bind = <const C extends ContractRecord>(
  contract: C,
  implementations: Implementations<C>,
): Bound => ({
  contract,
  implementations,
})

interface Found {
  readonly handler: AnyHandler
  readonly unique: Implementation['unique']
}

const isImplementation = (value: unknown): value is Implementation =>
  typeof value === 'object' && value !== null && 'handlers' in value && 'contract' in value

const find = (implementations: unknown, name: string, procedure: Procedure): Found => {
  let node = implementations
  for (const part of name.split('.')) {
    if (isImplementation(node)) {
      const handler = node.handlers[part]
      if (handler && node.contract[part] === procedure) return { handler, unique: node.unique }
      break
    }
    node = (node as Readonly<Record<string, unknown>>)[part]
  }
  throw new Error(`${name} has no handler of its own contract`)
}

/**
 * Prepares every procedure of a contract once.
 * @throws {ContractError} when the contract can't be served.
 */
export const createService = ({ contract, implementations }: Bound, deps: KitDeps): Service => {
  checkContract(contract)
  const inProgress = createInProgress()
  const shared = { ...deps, remember: createRemember(deps) }
  const procedures = new Map<string, Prepared>()
  for (const [name, procedure] of walk(contract)) {
    const { handler, unique } = find(implementations, name, procedure)
    procedures.set(name, prepare(name, procedure, handler, unique, shared, inProgress))
  }
  return { contract, procedures, deps }
}
