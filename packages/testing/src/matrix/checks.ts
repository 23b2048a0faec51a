import { strict as assert } from 'node:assert'
import { type ContractRecord, type Procedure, walk } from '@plinth/contract'
import { paramsOf } from './case.ts'
import { cases, wholeCases } from './cases.ts'
import type { Target } from './matrix.ts'
import { type Caller, sampleOf } from './sample.ts'
import { wiresOf } from './wires.ts'

/** One test of the matrix: a procedure, a wire and a case. */
export interface Check<World, Who extends Caller> {
  readonly procedure: string
  readonly title: string
  run(target: Target<World, Who>): Promise<void>
}

function* checksOfOne<World, Who extends Caller>(
  name: string,
  procedure: Procedure,
  samples: unknown,
  most: number | undefined,
): Generator<Check<World, Who>> {
  const sample = sampleOf<World, Who>(samples, name)
  const run = async () => assert.ok(sample, `${name} has no sample input: add one`)
  yield { procedure: name, title: 'has a sample input', run }
  if (!sample) return
  // A list names no record: what it shows to whom is for its own tests.
  if (
    typeof procedure.access === 'object' &&
    'own' in procedure.access &&
    paramsOf(name, procedure).length > 0
  )
    yield {
      procedure: name,
      title: "has a sample of somebody else's object",
      run: async () =>
        assert.ok(sample.foreign, `${name} is for owners: add a sample that is somebody else's`),
    }
  const wires = wiresOf(name, procedure).slice(0, most)
  for (const wire of wires.slice(0, 1))
    for (const one of wholeCases) {
      const given = { name, procedure, wire, sample }
      yield { procedure: name, title: one.title, run: (target) => one.run({ ...given, target }) }
    }
  for (const wire of wires)
    for (const one of cases) {
      const given = { name, procedure, wire, sample }
      if (one.applies?.(given) ?? true)
        yield {
          procedure: name,
          title: `${wire.title}: ${one.title}`,
          run: (target) => one.run({ ...given, target }),
        }
    }
}

/** The whole matrix of a contract: every case for every procedure over every wire, or the first so many of each. */
export function* checksOf<World, Who extends Caller>(
  contract: ContractRecord,
  samples: unknown,
  most?: number,
): Generator<Check<World, Who>> {
  for (const [name, procedure] of walk(contract))
    yield* checksOfOne<World, Who>(name, procedure, samples, most)
}
