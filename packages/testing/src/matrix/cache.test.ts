import { type Procedure, walk } from '@plinth/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestActor, testServer } from '../test-app.ts'
import { good, kept, writes } from './case.ts'
import { matrixContract } from './drive/contract.ts'
import { matrixMigrations, matrixSurface } from './drive/surface.ts'
import { type Subject, send } from './matrix.ts'
import { sampleOf } from './sample.ts'
import { samples } from './samples.ts'
import { isRecord } from './wire.ts'
import { plainWire } from './wire-trpc.ts'
import { wiresOf } from './wires.ts'
import { type PlinthTarget, plinthTarget, type World } from './world.ts'

type Asked = Subject<World, TestActor>

// One server that keeps answers and one that does not, over the same database.
let keeping: PlinthTarget
let fresh: PlinthTarget
let stop: () => Promise<void>
beforeAll(async () => {
  keeping = await plinthTarget()
  const server = await testServer({
    migrations: matrixMigrations(),
    surface: matrixSurface,
    databaseUrl: keeping.server.settings.database.url,
    env: { PLINTH_CACHE_ON: 'false' },
  })
  stop = async () => server[Symbol.asyncDispose]()
  fresh = { ...keeping, server: { ...keeping.server, ...server } }
})
afterAll(async () => {
  await stop()
  await keeping[Symbol.asyncDispose]()
})

const subjectOf = (name: string, procedure: Procedure): Asked => {
  const sample = sampleOf<World, TestActor>(samples, name)
  if (!sample) throw new Error(`${name} has no sample input: add one`)
  return { name, procedure, sample, wire: plainWire(name, procedure), target: keeping }
}

const cached = [...walk(matrixContract)].filter(([, { cache }]) => cache !== undefined)
const changing = [...walk(matrixContract)].filter(([, procedure]) => writes(procedure))

test('some procedures keep their answers, and some change things', () => {
  expect(cached.length).toBeGreaterThan(0)
  expect(changing.length).toBeGreaterThan(0)
})

test.each(cached)('%s answers from the cache what it answers without one', async (name, procedure) => {
  for (const wire of wiresOf(name, procedure).filter(({ inBatch }) => !inBatch)) {
    const subject = { ...subjectOf(name, procedure), wire }
    const { request, token } = await good(subject)
    const [first, second] = [await send(subject, request, { token }), await send(subject, request, { token })]
    const without = await send({ ...subject, target: fresh }, request, { token })
    expect(first.code).toBe(null)
    expect(second.answer.headers.get('x-cache')).toBe('hit')
    expect(without.answer.headers.get('x-cache')).toBe(null)
    expect(second.answer.text).toBe(without.answer.text)
    // Over tRPC the tag is that of the answer or of what is around it: both change when the answer does.
    if (wire.route) expect(second.answer.headers.get('etag')).toBe(without.answer.headers.get('etag'))
    expect(first.body).toEqual(second.body)
  }
})

interface Read {
  readonly subject: Asked
  readonly input: unknown
  readonly token: string | undefined
}

const moduleOf = (name: string): string => name.split('.').slice(0, -1).join('.')

/** Reads whose answers are kept: those of the samples, of whole lists, and of the record that is about to change. */
const readsAround = async (changed: string, input: unknown, token: string | undefined): Promise<Read[]> => {
  const id = isRecord(input) ? input.id : undefined
  const reads = cached.map(async ([name, procedure]) => {
    const subject = subjectOf(name, procedure)
    const sample = await kept(subject)
    const own = moduleOf(name) === moduleOf(changed) ? [{ id }] : []
    const inputs = [sample.input, { limit: 100 }, ...own].filter(
      (candidate) => procedure.input.safeParse(candidate).success,
    )
    return inputs.map((one) => ({ subject, input: one, token: sample.token && (token ?? sample.token) }))
  })
  return (await Promise.all(reads)).flat()
}

const answerOf = async ({ subject, input, token }: Read, target: PlinthTarget) => {
  const { code, body } = await send({ ...subject, target }, subject.wire.encode(input), { token })
  return { name: subject.name, input, code, body: code === null ? body : null }
}

test.each(changing)('%s leaves no kept answer behind that is no longer true', async (name, procedure) => {
  const subject = subjectOf(name, procedure)
  const { input, request, token } = await good(subject)
  const reads = await readsAround(name, input, token)
  for (const read of reads) await answerOf(read, keeping)
  expect((await send(subject, request, { token })).code).toBe(null)
  const still = subject.sample.endsLogin ? reads.filter((read) => read.token !== token) : reads
  for (const read of still) expect(await answerOf(read, keeping)).toEqual(await answerOf(read, fresh))
  expect(still.length).toBeGreaterThan(0)
})
