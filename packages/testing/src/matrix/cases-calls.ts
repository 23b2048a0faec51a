import { strict as assert } from 'node:assert'
import { auditEntriesOf, type Case, good, kept, newRequestId, paramsOf, writes } from './case.ts'
import { unknownField, unknownObject } from './inputs.ts'
import { isRefusal, refusal, send } from './matrix.ts'

/** What is true of good calls. */
export const goodCalls: readonly Case[] = [
  {
    title: 'works with its sample',
    async run(subject) {
      const { request, token } = await good(subject)
      const outcome = await send(subject, request, { token })
      assert.equal(outcome.status, outcome.expected, `Answered ${outcome.answer.text}`)
      const { route, hasBody } = subject.wire
      if (!route || !hasBody || request.body instanceof FormData) return
      const body = request.body === undefined ? undefined : (JSON.parse(request.body) as unknown)
      const faults = subject.target.document.bodyFaults(route, body)
      assert.deepEqual(faults, [], 'The sample is not as documented')
    },
  },
]

/** What is true of the audit log. */
export const audits: readonly Case[] = [
  {
    title: 'writes one audit entry where a change succeeds, and none for reading',
    async run(subject) {
      const { name, procedure, target } = subject
      const { request, token } = await good(subject)
      const id = newRequestId()
      const outcome = await send(subject, request, { token, headers: { 'x-request-id': id } })
      assert.equal(outcome.code, null, `Answered ${outcome.answer.text}`)
      const found = (await auditEntriesOf(target.server, id)).map(({ action, outcome: end, code }) => ({
        action,
        end,
        code,
      }))
      assert.deepEqual(found, procedure.audit ? [{ action: name, end: 'done', code: null }] : [])
    },
  },
  {
    title: 'writes no audit entry of a call that fails',
    async run(subject) {
      const { name, procedure, wire, target } = subject
      const { input, token } = await kept(subject)
      const params = paramsOf(name, procedure)
      const failing = [
        { input: unknownField(input).input, token },
        { input, token: 'pla_damaged' },
        ...(params.length > 0 ? [{ input: unknownObject(params, input), token }] : []),
      ]
      for (const call of failing) {
        const id = newRequestId()
        const headers = { 'x-request-id': id }
        const outcome = await send(subject, wire.encode(call.input), { token: call.token, headers })
        assert.notEqual(outcome.code, null, 'The call was meant to fail')
        assert.deepEqual(await auditEntriesOf(target.server, id), [])
      }
    },
  },
]

/** What is true of methods and of answers that are asked for again. */
export const methods: readonly Case[] = [
  {
    title: 'refuses the other method',
    applies: ({ wire, procedure }) => wire.route === null && procedure.kind !== 'subscription',
    async run(subject) {
      const method = writes(subject.procedure) ? 'GET' : 'POST'
      const { path } = subject.wire.encode(undefined)
      const outcome = await send(subject, { method, path: path.replace(/[?&]input=.*/, ''), headers: {} })
      isRefusal(outcome, refusal('METHOD_NOT_ALLOWED'))
      assert.equal(outcome.answer.headers.get('allow'), writes(subject.procedure) ? 'POST' : 'GET')
    },
  },
  {
    title: 'answers HEAD as GET, without the body',
    applies: ({ wire }) => wire.route?.method === 'GET',
    async run(subject) {
      const { request, token } = await kept(subject)
      const { answer } = await send(subject, request, { token })
      const options = { ...(token !== undefined && { token }) }
      const head = await subject.target.server.rest('HEAD', request.path, options)
      assert.deepEqual({ status: head.status, text: head.text }, { status: answer.status, text: '' })
      for (const name of ['content-type', 'cache-control', ...(subject.sample.restless ? [] : ['etag'])])
        assert.equal(head.headers.get(name), answer.headers.get(name))
    },
  },
  {
    title: 'answers 304 to who has the answer already',
    applies: ({ wire, procedure, sample }) =>
      wire.route?.method === 'GET' && !sample.restless && procedure.kind !== 'download',
    async run(subject) {
      const { request, token } = await kept(subject)
      const { answer } = await send(subject, request, { token })
      const headers = { 'if-none-match': answer.headers.get('etag') ?? '' }
      const again = await subject.target.server.rest('GET', request.path, {
        headers,
        ...(token !== undefined && { token }),
      })
      assert.deepEqual({ status: again.status, text: again.text }, { status: 304, text: '' })
      assert.ok(subject.wire.route && subject.target.document.documents(subject.wire.route, 304))
    },
  },
]
