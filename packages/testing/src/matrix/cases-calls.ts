import { strict as assert } from 'node:assert'
import { type Case, good, kept, writes } from './case.ts'
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
      const body = request.body === undefined ? undefined : (JSON.parse(request.body) as unknown)
      if (route && hasBody)
        assert.deepEqual(
          subject.target.document.bodyFaults(route, body),
          [],
          'The sample is not as documented',
        )
    },
  },
  {
    title: 'answers a repeated key as before',
    applies: ({ procedure, sample }) => procedure.idempotent && !sample.endsLogin,
    async run(subject) {
      const { request, token } = await good(subject)
      const headers = {
        'idempotency-key': `${subject.name} ${subject.wire.title} ${Date.now()}`.replaceAll(' ', '-'),
      }
      const first = await send(subject, request, { token, headers })
      const second = await send(subject, request, { token, headers })
      assert.equal(first.status, first.expected)
      assert.deepEqual(second.body, first.body)
      assert.equal(second.answer.headers.get('idempotency-replayed'), 'true')
    },
  },
]

/** What is true of methods and of answers that are asked for again. */
export const methods: readonly Case[] = [
  {
    title: 'refuses the other method',
    applies: ({ wire }) => wire.route === null,
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
    applies: ({ wire, sample }) => wire.route?.method === 'GET' && !sample.restless,
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
