import { strict as assert } from 'node:assert'
import { auditEntriesOf, type Case, good, isPublic, kept, newRequestId, paramsOf, writes } from './case.ts'
import { unknownField, unknownObject } from './inputs.ts'
import { type Subject, send } from './matrix.ts'
import type { Caller } from './sample.ts'
import { callSdk } from './sdk.ts'
import { isRecord } from './wire.ts'
import { wiresOf } from './wires.ts'

/** What came of one call over one wire. */
interface Came {
  readonly way: string
  readonly code: string | null
  readonly fields: readonly string[]
  readonly body: unknown
  readonly audited: readonly unknown[]
}

/** What differs from call to call by itself, told by its form: ids, moments, tokens, numbered names. */
const unnumbered = (text: string): string =>
  text
    .replace(/\b([a-z]{3})_[0-9a-z]{26}\b/g, '$1_#')
    .replace(/\b(pl[a-z])_[\w-]{49}/g, '$1_#')
    .replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/, 'moment')
    .replace(/\d+/g, '#')

const likeness = (value: unknown): unknown => {
  if (typeof value === 'string') return unnumbered(value)
  if (Array.isArray(value)) return value.map(likeness)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, likeness(inner)]))
}

type Make = () => Promise<{ readonly input: unknown; readonly token: string | undefined }>

/** One call over each wire and through the SDK, each with an input of its own making. */
const overAllWays = async <World, Who extends Caller>(
  subject: Subject<World, Who>,
  make: Make,
): Promise<Came[]> => {
  const { name, procedure, target } = subject
  const came: Came[] = []
  const keep = async (requestId: string, one: Omit<Came, 'audited'>) => {
    const audited = (await auditEntriesOf(target.server, requestId)).map(likeness)
    came.push({ ...one, audited })
  }
  for (const wire of wiresOf(name, procedure)) {
    const { input, token } = await make()
    const requestId = newRequestId()
    const headers = { 'x-request-id': requestId }
    const { code, fields, body } = await send({ ...subject, wire }, wire.encode(input), { token, headers })
    await keep(requestId, { way: wire.title, code, fields, body })
  }
  const { input, token } = await make()
  const requestId = newRequestId()
  await keep(requestId, { way: 'SDK', ...(await callSdk(subject, input, { token, requestId })) })
  return came
}

const agree = (came: readonly Came[], tell: (one: Came) => unknown): void => {
  const [first] = came
  assert.ok(first && came.length > 1, 'There is nothing to compare')
  for (const one of came)
    assert.deepEqual({ [one.way]: tell(one) }, { [one.way]: tell(first) }, `differs from ${first.way}`)
}

/** What is true of a procedure over all its wires together. */
export const agreements: readonly Case[] = [
  {
    title: 'gives the same result and audit entry over REST, tRPC and the SDK',
    async run(subject) {
      const { procedure, sample } = subject
      const make = () => (writes(procedure) ? good(subject) : kept(subject))
      const came = await overAllWays(subject, make)
      const isExact = procedure.kind === 'query' && !sample.restless
      // A file comes as bytes over REST and as an address over tRPC: what can be compared is that it comes.
      const bodyOf = ({ body }: Came): unknown => {
        if (procedure.kind === 'download' || sample.restless) return null
        return isExact ? body : likeness(body)
      }
      agree(came, (one) => ({ code: one.code, audited: one.audited, body: bodyOf(one) }))
      assert.equal(came[0]?.code, null)
    },
  },
  {
    title: 'gives the same error code and audit entry over REST, tRPC and the SDK',
    async run(subject) {
      const { name, procedure } = subject
      const { input, token } = await kept(subject)
      const params = paramsOf(name, procedure)
      const failing = [
        { input: unknownField(input).input, token },
        ...(params.length > 0 ? [{ input: unknownObject(params, input), token }] : []),
        ...(isPublic(procedure) ? [] : [{ input, token: undefined }]),
      ]
      for (const call of failing) {
        // A signed address is answered without a look at the record; the SDK's caller learns of it when it fetches.
        const isLate =
          procedure.kind === 'download' && call.token !== undefined && call.input !== failing[0]?.input
        const came = await overAllWays(subject, async () => call)
        const told = isLate ? came.filter(({ way }) => way !== 'SDK') : came
        agree(told, ({ code, fields, audited }) => ({ code, fields, audited }))
        assert.notEqual(came[0]?.code, null, 'The call was meant to fail')
      }
    },
  },
]
