import { randomInt } from 'node:crypto'
import { walk } from '@plinth/contract'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { matrixContract } from '../matrix/drive/contract.ts'
import { sampleOf } from '../matrix/sample.ts'
import { samples } from '../matrix/samples.ts'
import { leakedSecrets } from '../matrix/secrets.ts'
import { type PlinthTarget, plinthTarget, type World } from '../matrix/world.ts'
import type { TestActor } from '../test-app.ts'
import { fuzz } from './fuzz.ts'
import { createCanaries, createVocabulary } from './guards.ts'

// Another one for each run; what a run found is found again with its seed.
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31 - 1))

let target: PlinthTarget
let vocabulary: ReturnType<typeof createVocabulary>
let readCanaries: () => Promise<void>
beforeAll(async () => {
  // Without a cache: what is read is what is stored.
  target = await plinthTarget({ PLINTH_CACHE_ON: 'false' })
  vocabulary = createVocabulary(target.server.db)
  readCanaries = await createCanaries(matrixContract, samples, target)
  await readCanaries()
})
afterAll(() => target[Symbol.asyncDispose]())
// Some of what is fuzzed sets levels, and what goes wrong must be logged.
afterEach(() => target.server.composed.log.setLevel('info', 'all'))

for (const [name, procedure] of walk(matrixContract))
  test(`${name} takes valid and hostile inputs: none fails, changes a statement, or comes back as markup`, async () => {
    const sample = sampleOf<World, TestActor>(samples, name)
    if (!sample) throw new Error(`${name} has no sample input: add one`)
    await fuzz({ name, procedure, sample, target }, vocabulary, seed)
    await readCanaries()
  }, 120_000)

test('none of these inputs was logged as a failure of ours', () => {
  expect(target.server.logged.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([])
})

test('no token and no password that was used stands in clear in any table or in the log', async () => {
  expect(await leakedSecrets(target)).toEqual([])
})
