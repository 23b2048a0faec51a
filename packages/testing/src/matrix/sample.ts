import { type ContractRecord, isProcedure, type Procedure } from '@plinth/contract'
import type { z } from 'zod'
import type { Role } from '../test-app.ts'

/** Somebody signed in, as far as the matrix has to know. */
export interface Caller {
  readonly accessToken: string
  readonly refreshToken: string
}

/** How one procedure is called well. `World` is what inputs are made from; public procedures are called by nobody. */
export interface Sample<World, Who, Input = unknown> {
  /** A valid input that this caller may give; it is made anew for each call, so that a call may use up what it names. */
  input(world: World, caller: Who): Input | Promise<Input>
  /** A valid input that names a record of another user's. */
  foreign?(world: World): Input | Promise<Input>
  /** Makes the account that calls, where a call changes it; left out: one account of each role for all. */
  caller?(world: World, role: Role): Promise<NonNullable<Who>>
  /** Whether a good call ends the caller's login, so that it can't be made twice. */
  readonly endsLogin?: true
  /** Whether the answer differs from one call to the next by itself. */
  readonly restless?: true
}

type SampleOf<P, World, Who> =
  P extends Procedure<infer _K, infer I, infer _O, infer A>
    ? Sample<World, A extends 'public' ? null : Who, z.input<I>>
    : never

/** A sample for every procedure of a contract: one that is missing does not compile. */
export type Samples<C, World, Who> = {
  readonly [K in keyof C]: C[K] extends Procedure
    ? SampleOf<C[K], World, Who>
    : C[K] extends ContractRecord
      ? Samples<C[K], World, Who>
      : never
}

const at = (tree: unknown, name: string): unknown =>
  name
    .split('.')
    .reduce<unknown>((node, part) => (node as Readonly<Record<string, unknown>> | undefined)?.[part], tree)

const isSample = (value: unknown): value is Sample<unknown, unknown> =>
  typeof value === 'object' && value !== null && 'input' in value && !isProcedure(value)

/** The sample of a procedure; null where there is none. */
export const sampleOf = <World, Who>(samples: unknown, name: string): Sample<World, Who | null> | null => {
  const sample = at(samples, name)
  return isSample(sample) ? (sample as Sample<World, Who | null>) : null
}
