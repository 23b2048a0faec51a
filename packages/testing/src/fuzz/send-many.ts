import { strict as assert } from 'node:assert'
import { checkAnswer } from '../matrix/answers.ts'
import { type Answered, type Subject, send } from '../matrix/matrix.ts'
import type { Caller } from '../matrix/sample.ts'
import type { HttpRequest } from '../matrix/wire.ts'
import { outcomeOf, plainWire } from '../matrix/wire-trpc.ts'
import { wiresOf } from '../matrix/wires.ts'
import type { RestAnswer } from '../test-app.ts'

/** One input, and who gives it. */
export interface Try {
  readonly input: unknown
  readonly token: string | undefined
}

/** What came of one try. */
export interface Tried extends Try {
  readonly answered: Answered
}

const JSON_TYPE = { 'content-type': 'application/json' }
const IN_FLIGHT = 16
const MOST_CALLS = 20
// What every server takes as an address, with room for the names of the procedures.
const MOST_ADDRESS = 6000

/** Does all of the work, so much at a time; the first failure ends it. */
const inParallel = async <T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> => {
  const results: R[] = []
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
  return results
}

/** A failed check with what it takes to see it again. */
const told = async <R>(input: unknown, work: () => Promise<R>): Promise<R> => {
  try {
    return await work()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${message}\ninput: ${JSON.stringify(input)}`, { cause })
  }
}

// A path with such a name in it is another path, to every client: `..` is the one above.
const isInPath = ({ path }: HttpRequest): boolean =>
  new URL(path, 'http://host').pathname === path.split('?')[0] && !/^[^?]*\/(?:[/?]|$)/.test(path)

const addressed = (request: HttpRequest): boolean => request.path.length <= MOST_ADDRESS && isInPath(request)

const sendAlone = async <World, Who extends Caller>(
  subject: Subject<World, Who>,
  tries: readonly Try[],
): Promise<Tried[]> =>
  inParallel(tries, (one) =>
    told(one.input, async () => {
      const request = subject.wire.encode(one.input)
      const plain = { ...subject, wire: plainWire(subject.name, subject.procedure) }
      const own = addressed(request)
        ? { subject, request }
        : { subject: plain, request: plain.wire.encode(one.input) }
      return { ...one, answered: await send(own.subject, own.request, { token: one.token }) }
    }),
  )

const batches = (tries: readonly Try[], write: boolean): Try[][] => {
  const made: Try[][] = []
  let length = 0
  for (const one of tries) {
    const own = encodeURIComponent(JSON.stringify(one.input) ?? '').length
    const last = made.at(-1)
    const isFull = last && (last.length >= MOST_CALLS || (!write && length + own > MOST_ADDRESS))
    if (last && !isFull && last[0]?.token === one.token) last.push(one)
    else made.push([one])
    length = isFull || !last ? own : length + own
  }
  return made
}

const partsOf = ({ body, text }: RestAnswer, count: number): unknown[] => {
  assert.ok(Array.isArray(body) && body.length === count, `A batch of ${count} was answered ${text}`)
  return body
}

const sendBatch = async <World, Who extends Caller>(
  subject: Subject<World, Who>,
  tries: readonly Try[],
  write: boolean,
): Promise<Tried[]> => {
  const { name, procedure, target } = subject
  const plain = { ...subject, wire: plainWire(name, procedure) }
  const path = `/trpc/${tries.map(() => name).join(',')}?batch=1`
  const inputs = JSON.stringify(Object.fromEntries(tries.map(({ input }, index) => [index, input])))
  const token = tries[0]?.token
  const answer = await target.server.rest(
    write ? 'POST' : 'GET',
    write ? path : `${path}&input=${encodeURIComponent(inputs)}`,
    { headers: JSON_TYPE, ...(write && { body: inputs }), ...(token !== undefined && { token }) },
  )
  return partsOf(answer, tries.length).map((body, index) => {
    const one = tries[index] ?? { input: undefined, token }
    const part: RestAnswer = { ...answer, body, text: JSON.stringify(body) }
    const outcome = outcomeOf(body as Parameters<typeof outcomeOf>[0])
    try {
      checkAnswer(plain, { ...part, status: outcome.status }, outcome)
    } catch (cause) {
      throw new Error(`${String(cause)}\ninput: ${JSON.stringify(one.input)}`, { cause })
    }
    return { ...one, answered: { ...outcome, answer: part } }
  })
}

/**
 * Tries inputs, many at a time: one half over the first route of the procedure, the other in batches over tRPC;
 * those that can't be batched one by one. Every answer is held to what is true of all.
 */
export const sendMany = async <World, Who extends Caller>(
  subject: Omit<Subject<World, Who>, 'wire'>,
  tries: readonly Try[],
): Promise<Tried[]> => {
  const { name, procedure } = subject
  const [first, ...others] = wiresOf(name, procedure)
  assert.ok(first)
  const wire = first
  if (!others.some(({ inBatch }) => inBatch)) return sendAlone({ ...subject, wire }, tries)
  const half = Math.ceil(tries.length / 2)
  const write = procedure.kind === 'mutation'
  const alone = await sendAlone({ ...subject, wire }, tries.slice(0, half))
  const together = await inParallel(batches(tries.slice(half), write), (batch) =>
    sendBatch({ ...subject, wire }, batch, write),
  )
  return [...alone, ...together.flat()]
}
