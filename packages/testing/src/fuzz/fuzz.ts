import { strict as assert } from 'node:assert'
import type { Procedure } from '@plinth/contract'
import fc from 'fast-check'
import { writes } from '../matrix/case.ts'
import { callerOf, type Target } from '../matrix/matrix.ts'
import type { Caller, Sample } from '../matrix/sample.ts'
import { validInputs } from './arbitrary.ts'
import { changedTables, countAll, type createVocabulary, markupIn } from './guards.ts'
import { hostileInputs } from './hostile.ts'
import { sendMany, type Tried, type Try } from './send-many.ts'

// How many inputs of each sort a procedure is tried with, on each database.
const RUNS = 200
const SAMPLES = 10

/** A procedure with how it is called well, and what it is fuzzed against. */
export interface Fuzzed<World, Who extends Caller> {
  readonly name: string
  readonly procedure: Procedure
  readonly sample: Sample<World, Who | null>
  readonly target: Target<World, Who>
}

interface Good extends Try {
  readonly procedure: Procedure
}

const goodTries = async <World, Who extends Caller>(fuzzed: Fuzzed<World, Who>): Promise<Good[]> => {
  const made: Good[] = []
  for (let index = 0; index < SAMPLES; index += 1) {
    const caller = await callerOf(fuzzed)
    const input: unknown = await fuzzed.sample.input(fuzzed.target.world, caller)
    made.push({ input, token: caller?.accessToken, procedure: fuzzed.procedure })
  }
  return made
}

type Around = typeof validInputs

/** So many inputs around the samples, by turns; the same for the same seed. */
const around = (samples: readonly Good[], make: Around, seed: number): Try[] =>
  samples.flatMap(({ input, token, procedure }, index) =>
    fc
      .sample(make(procedure.input, input), { numRuns: RUNS / SAMPLES, seed: seed + index })
      .map((tried): Try => ({ input: tried, token })),
  )

const succeeded = (tried: readonly Tried[]): readonly Tried[] =>
  tried.filter(({ answered }) => answered.code === null)

const seeded = async <R>(seed: number, work: () => Promise<R>): Promise<R> => {
  try {
    return await work()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${message}\nTo see it again: FUZZ_SEED=${seed}`, { cause })
  }
}

const checkMarkup = (tried: readonly Tried[]): void => {
  for (const { input, answered } of succeeded(tried))
    assert.deepEqual(markupIn(answered.body), [], `Markup came back for ${JSON.stringify(input)}`)
}

interface Changes {
  readonly tried: readonly Tried[]
  readonly tables: readonly string[]
}

/** Tries inputs and counts what they changed: as many audit entries as calls that succeeded. */
const counted = async <World, Who extends Caller>(
  fuzzed: Fuzzed<World, Who>,
  tries: readonly Try[],
): Promise<Changes> => {
  const { db } = fuzzed.target.server
  const before = await countAll(db)
  const tried = await sendMany(fuzzed, tries)
  assert.ok(tries.length >= RUNS, 'There are too few inputs')
  assert.equal(tried.length, tries.length, 'Not every input was tried')
  const unread = tried.filter(({ answered }) => answered.status === 415)
  assert.deepEqual(unread, [], 'Inputs were sent that nobody reads')
  const after = await countAll(db)
  const expected = fuzzed.procedure.audit ? succeeded(tried).length : 0
  assert.equal(after.done - before.done, expected, 'The audit log tells of another number of changes')
  checkMarkup(tried)
  return { tried, tables: changedTables(before, after) }
}

/**
 * Tries a procedure with inputs that are valid, then with hostile ones. No answer is a 5xx or undocumented, nothing but
 * what valid calls change is changed, no statement gets a word from an input, and no markup comes back.
 */
export const fuzz = async <World, Who extends Caller>(
  fuzzed: Fuzzed<World, Who>,
  vocabulary: ReturnType<typeof createVocabulary>,
  seed: number,
): Promise<void> => {
  const samples = await goodTries(fuzzed)
  // The samples themselves first: what can be used once is used up by whatever comes close to it.
  const tries = [...samples, ...around(samples, validInputs, seed)]
  const valid = await seeded(seed, () => counted(fuzzed, tries))
  assert.ok(succeeded(valid.tried).length > 0, 'No valid input succeeded')
  vocabulary.learn()
  // Valid calls use samples up, so hostile ones get their own; what makes them is harmless.
  const fresh = await goodTries(fuzzed)
  vocabulary.learn()
  const hostile = await seeded(seed, () => counted(fuzzed, around(fresh, hostileInputs, seed)))
  await seeded(seed, async () => vocabulary.check())
  // Refusals are written down too, and wrong guesses counted.
  const allowed = writes(fuzzed.procedure) ? [...valid.tables, 'audit_log', 'throttles'] : []
  const foreign = hostile.tables.filter((table) => !allowed.includes(table))
  assert.deepEqual(foreign, [], `Tables changed that no valid call changes; FUZZ_SEED=${seed}`)
}
