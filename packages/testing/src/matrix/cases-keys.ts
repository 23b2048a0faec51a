import { strict as assert } from 'node:assert'
import { fieldsOf } from '@plinth/contract'
import { auditEntriesOf, type Case, good, newRequestId, secretFields } from './case.ts'
import { isRefusal, refusal, type Subject, send } from './matrix.ts'
import type { Caller } from './sample.ts'
import { rowCounts } from './tables.ts'
import { isRecord } from './wire.ts'

let keys = 0

const newKey = (): string => {
  keys += 1
  return `matrix-key-${keys}`
}

type Given = Pick<Subject<unknown, Caller>, 'procedure' | 'sample' | 'name' | 'wire'>

const isKeyed = ({ procedure }: Given): boolean => procedure.idempotent
const isRepeatable = (given: Given): boolean => isKeyed(given) && !given.sample.endsLogin

/** Whether a body can differ from another as far as a key can tell: passwords are not looked at. */
const canDiffer = ({ procedure }: Given): boolean =>
  fieldsOf(procedure).length > secretFields(procedure).length

const shown = (input: unknown): string =>
  JSON.stringify(input, (_, value: unknown) => (value instanceof File ? [value.name, value.size] : value))

/** Another valid input: a second sample, or one field less. */
const anotherInput = async <World, Who extends Caller>(
  subject: Subject<World, Who>,
  caller: Who | null,
  input: unknown,
): Promise<unknown> => {
  const { sample, procedure, target } = subject
  const second = await sample.input(target.world, caller)
  const entries = isRecord(input) ? Object.entries(input) : []
  const smaller = entries.map(([field]) => Object.fromEntries(entries.filter(([key]) => key !== field)))
  const other = [second, ...smaller].find(
    (candidate) => shown(candidate) !== shown(input) && procedure.input.safeParse(candidate).success,
  )
  assert.ok(other !== undefined, 'There is no other valid input')
  return other
}

/** Makes a kept answer look like that of a call that has not ended yet. */
const forgetAnswer = ({ target }: Pick<Subject<unknown, Caller>, 'target'>, key: string): Promise<unknown> =>
  target.server.db.transaction((trx) =>
    trx.updateTable('idempotency_keys').set({ answer: null }).where('key', 'like', `${key}%`).execute(),
  )

/** What is true of calls that are made again under their key. */
export const repetitions: readonly Case[] = [
  {
    title: 'answers a repeated key as before, with one effect',
    applies: isRepeatable,
    async run(subject) {
      const { server } = subject.target
      const { request, token } = await good(subject)
      const key = { 'idempotency-key': newKey() }
      const repeated = newRequestId()
      const first = await send(subject, request, { token, headers: key })
      const before = await rowCounts(server.db)
      const second = await send(subject, request, { token, headers: { ...key, 'x-request-id': repeated } })
      assert.equal(first.status, first.expected)
      assert.deepEqual([second.status, second.body], [first.status, first.body])
      assert.equal(second.answer.headers.get('idempotency-replayed'), 'true')
      assert.deepEqual(await auditEntriesOf(server, repeated), [])
      assert.deepEqual(await rowCounts(server.db), before)
    },
  },
  {
    title: 'answers calls at the same time under one key with one effect',
    applies: isRepeatable,
    async run(subject) {
      const { request, token } = await good(subject)
      const key = newKey()
      const ids = [newRequestId(), newRequestId(), newRequestId()]
      const outcomes = await Promise.all(
        ids.map((id) =>
          send(subject, request, { token, headers: { 'idempotency-key': key, 'x-request-id': id } }),
        ),
      )
      const answers = outcomes.filter(({ code }) => code === null)
      for (const outcome of outcomes)
        if (outcome.code !== null) isRefusal(outcome, refusal('IDEMPOTENCY_IN_PROGRESS'))
      assert.ok(answers.length > 0, 'None of the calls was answered')
      assert.equal(new Set(answers.map(({ body }) => JSON.stringify(body))).size, 1)
      const entries = await Promise.all(ids.map((id) => auditEntriesOf(subject.target.server, id)))
      assert.equal(entries.flat().length, subject.procedure.audit ? 1 : 0)
    },
  },
  {
    title: 'refuses a repeated key with another body',
    applies: (given) => isRepeatable(given) && canDiffer(given),
    async run(subject) {
      const { request, token, input, caller } = await good(subject)
      const headers = { 'idempotency-key': newKey() }
      const first = await send(subject, request, { token, headers })
      assert.equal(first.status, first.expected)
      const other = await anotherInput(subject, caller, input)
      const second = await send(subject, subject.wire.encode(other), { token, headers })
      isRefusal(second, refusal('IDEMPOTENCY_KEY_REUSED'))
    },
  },
  {
    title: 'tells that a call under the same key has not ended yet',
    applies: isRepeatable,
    async run(subject) {
      const { request, token } = await good(subject)
      const key = newKey()
      const headers = { 'idempotency-key': key }
      const first = await send(subject, request, { token, headers })
      assert.equal(first.status, first.expected)
      await forgetAnswer(subject, key)
      const second = await send(subject, request, { token, headers })
      isRefusal(second, refusal('IDEMPOTENCY_IN_PROGRESS'))
      assert.match(second.answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
    },
  },
  {
    title: 'refuses a key that is no key',
    applies: isKeyed,
    async run(subject) {
      const { request, token } = await good(subject)
      for (const key of ['two words', 'x'.repeat(256)])
        isRefusal(
          await send(subject, request, { token, headers: { 'idempotency-key': key } }),
          refusal('IDEMPOTENCY_KEY_INVALID'),
        )
    },
  },
]
