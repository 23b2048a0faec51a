import { strict as assert } from 'node:assert'
import { fieldsOf, shapeOf } from '@plinth/contract'
import { type Case, kept, refused } from './case.ts'
import { hostileInputs, missingFields, partialInputs, unknownField, wrongTypes } from './inputs.ts'
import { isRefusal, refusal, send } from './matrix.ts'

/** Whether some field must be given and can be left out over this wire: one in the path can't. */
const canLack: NonNullable<Case['applies']> = ({ procedure, wire }) =>
  Object.entries(shapeOf(procedure.input)).some(
    ([name, field]) => !wire.route?.params.includes(name) && !field.safeParse(undefined).success,
  )

/** What is true of bodies that can't be read. */
export const bodies: readonly Case[] = [
  {
    title: 'refuses malformed JSON',
    applies: ({ wire }) => wire.raw('', {}) !== null,
    async run(subject) {
      const { input, token } = await kept(subject)
      for (const text of ['{"open', '{"a":1}}', 'undefined'])
        await refused(subject, subject.wire.raw(text, input), token, 'MALFORMED_REQUEST')
    },
  },
  {
    title: 'refuses JSON that is no object',
    applies: ({ wire }) => wire.raw('', {}) !== null && !wire.inBatch,
    async run(subject) {
      const { input, token } = await kept(subject)
      for (const text of ['[]', '"text"', '17', 'null'])
        await refused(subject, subject.wire.raw(text, input), token, 'INVALID_INPUT')
    },
  },
  {
    title: 'refuses a body that is not JSON',
    applies: ({ wire }) => wire.hasBody,
    async run(subject) {
      const { input, token } = await kept(subject)
      const request = subject.wire.raw('name=x', input)
      assert.ok(request)
      const outcome = await send(
        subject,
        { ...request, headers: { 'content-type': 'text/plain' } },
        { token },
      )
      isRefusal(outcome, refusal('UNSUPPORTED_MEDIA_TYPE'))
    },
  },
  {
    title: 'refuses a body that is too large',
    applies: ({ wire }) => wire.hasBody,
    async run(subject) {
      const { input, token } = await kept(subject)
      const size = subject.target.server.settings.http.maxBodyBytes
      await refused(
        subject,
        subject.wire.raw(JSON.stringify({ text: 'x'.repeat(size) }), input),
        token,
        'TOO_LARGE',
      )
    },
  },
]

/** What is true of fields that do not fit. */
export const fields: readonly Case[] = [
  {
    title: 'refuses each field of a wrong type by its path',
    applies: ({ procedure }) => fieldsOf(procedure).length > 0,
    async run(subject) {
      const { input, token } = await kept(subject)
      const faulty = wrongTypes(subject.procedure, input, subject.wire)
      assert.ok(faulty.length > 0, 'No field has a type')
      for (const { field, input: wrong } of faulty) {
        const outcome = await refused(subject, subject.wire.encode(wrong), token, 'INVALID_INPUT')
        assert.ok(
          outcome.fields.some((path) => path.split('.')[0] === field),
          `${field} is not among ${outcome.fields.join(', ')}`,
        )
      }
    },
  },
  {
    title: 'refuses an input without a required field by its path',
    applies: canLack,
    async run(subject) {
      const { input, token } = await kept(subject)
      const faulty = missingFields(subject.procedure, input, subject.wire)
      assert.ok(faulty.length > 0, 'No field is required')
      for (const { field, input: partial } of faulty) {
        const outcome = await refused(subject, subject.wire.encode(partial), token, 'INVALID_INPUT')
        assert.ok(outcome.fields.includes(field), `${field} is not among ${outcome.fields.join(', ')}`)
      }
    },
  },
  {
    title: 'refuses a field that it does not know by its path',
    async run(subject) {
      const { input, token } = await kept(subject)
      const { field, input: more } = unknownField(input)
      const outcome = await refused(subject, subject.wire.encode(more), token, 'INVALID_INPUT')
      assert.deepEqual(outcome.fields, [field])
    },
  },
]

/** What is true whatever is sent: the answer is one that is documented. */
export const documented: readonly Case[] = [
  {
    title: 'answers as documented whichever field is left out',
    applies: ({ procedure }) => fieldsOf(procedure).length > 0,
    async run(subject) {
      const { input, token } = await kept(subject)
      for (const partial of partialInputs(subject.procedure, input, subject.wire))
        await send(subject, subject.wire.encode(partial), { token })
    },
  },
  {
    title: 'answers as documented whatever the text in a field',
    applies: ({ procedure, wire }) => fieldsOf(procedure).length > 0 && !wire.inBatch,
    async run(subject) {
      const { input, token } = await kept(subject)
      for (const hostile of hostileInputs(subject.procedure, input))
        await send(subject, subject.wire.encode(hostile), { token })
    },
  },
]
