import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classify } from './classify.ts'
import type { OpenApi, Operation, Schema } from './document.ts'

const json = (schema: Schema) => ({ content: { 'application/json': { schema } } })
const object = (properties: Record<string, Schema>, required: string[] = []): Schema => ({
  type: 'object',
  properties,
  required,
})

const document = (operation: Operation, extra: OpenApi = {}): OpenApi => ({
  paths: { '/orders/{id}': { post: { operationId: 'orders.cancel', ...operation } } },
  ...extra,
})
const takes = (schema: Schema) => document({ requestBody: { required: true, ...json(schema) } })
const answers = (schema: Schema) => document({ responses: { 200: json(schema) } })
const said = (before: OpenApi, after: OpenApi) =>
  classify(before, after).map(({ kind, sentence }) => `${kind}: ${sentence}`)

describe('wire', () => {
  test('a removed operation, path or method', () => {
    const moved = { paths: { '/orders/{id}': { put: { operationId: 'orders.cancel' } } } }
    expect(said(document({}), {})).toEqual(['wire: POST /orders/{id} was removed'])
    expect(said(document({}), moved)).toEqual([
      'wire: POST /orders/{id} was removed',
      'addition: PUT /orders/{id} is new',
    ])
  })

  test.each<[string, Schema, Schema, string]>([
    ['a required input', object({}), object({ a: {} }, ['a']), 'body.a is a new required input'],
    ['an input that becomes required', object({ a: {} }), object({ a: {} }, ['a']), 'body.a is now required'],
    ['a narrower type', { type: 'number' }, { type: 'integer' }, 'body no longer accepts number'],
    ['a type that was open', {}, { type: 'string' }, 'body no longer accepts anything'],
    ['a value taken away', { enum: ['a', 'b'] }, { enum: ['a'] }, 'body no longer accepts "b"'],
    [
      'a shorter text',
      { type: 'string', maxLength: 9 },
      { type: 'string', maxLength: 5 },
      'body has maxLength 5 (was 9)',
    ],
    [
      'a new pattern',
      { type: 'string' },
      { type: 'string', pattern: 'x' },
      'body demands pattern x (was none)',
    ],
    [
      'a branch taken away',
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
      { type: 'string' },
      'body no longer accepts null',
    ],
    [
      'a property removed from a strict input',
      { ...object({ a: {} }), additionalProperties: false },
      { ...object({}), additionalProperties: false },
      'body.a is refused: it was removed from a strict input',
    ],
    [
      'an item',
      { type: 'array', items: { type: 'string' } },
      { type: 'array', items: { type: 'boolean' } },
      'an item of body no longer accepts string',
    ],
  ])('a tighter input: %s', (_, before, after, sentence) => {
    expect(said(takes(before), takes(after))).toContain(`wire: ${sentence}`)
  })

  test.each<[string, Schema, Schema, string]>([
    ['a property removed', object({ a: {} }), object({}), 'answer 200.a is no longer answered'],
    [
      'a type changed',
      object({ a: { type: 'string' } }),
      object({ a: { type: 'number' } }),
      'answer 200.a can now be number',
    ],
    [
      'a format changed',
      { type: 'string', format: 'date' },
      { type: 'string' },
      'answer 200 has format none (was date)',
    ],
  ])('an answer: %s', (_, before, after, sentence) => {
    expect(said(answers(before), answers(after))).toEqual([`wire: ${sentence}`])
  })

  test('a status or a media type removed', () => {
    expect(said(answers({}), document({}))).toEqual(['wire: answer 200 was removed'])
    expect(said(answers({}), document({ responses: { 200: {} } }))).toEqual([
      'wire: answer 200 is no longer available as application/json',
    ])
  })

  test('a query parameter removed or required', () => {
    const page = { name: 'page', in: 'query', schema: {} }
    expect(said(document({ parameters: [page] }), document({}))).toEqual([
      'wire: query parameter page was removed',
    ])
    expect(said(document({}), document({ parameters: [{ ...page, required: true }] }))).toEqual([
      'wire: query parameter page is a new required input',
    ])
  })
})

describe('type', () => {
  test('an operation or a schema with another name', () => {
    const named = (name: string) => ({ components: { schemas: { [name]: { type: 'string' } } } })
    expect(said(document({}), document({ operationId: 'orders.stop' }))).toEqual([
      'type: operation was called orders.cancel',
    ])
    expect(said(named('A'), named('B'))).toEqual(['type: schema A is now called B'])
  })

  test.each<[string, Schema, Schema, string]>([
    ['absent', object({ a: {} }, ['a']), object({ a: {} }), 'answer 200.a can now be absent'],
    ['null', { type: 'string' }, { type: ['string', 'null'] }, 'answer 200 can now be null'],
    [
      'null in a union',
      { type: 'string' },
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
      'answer 200 can now be null',
    ],
    ['another value', { enum: ['a'] }, { enum: ['a', 'b'] }, 'answer 200 can now be "b"'],
  ])('an answer that can now be %s', (_, before, after, sentence) => {
    expect(said(answers(before), answers(after))).toEqual([`type: ${sentence}`])
  })

  test('a branch added to a choice that is told apart by a constant', () => {
    const event = (kind: string) => object({ kind: { const: kind } }, ['kind'])
    const choice = (...kinds: string[]) => answers({ anyOf: kinds.map(event) })
    expect(said(choice('paid'), choice('paid', 'sent'))).toEqual(['type: answer 200 can now be object'])
    expect(said(choice('paid', 'sent'), choice('paid'))).toEqual([
      'addition: answer 200 is never object any more',
    ])
  })

  test('a path parameter with another name, which is the same route', () => {
    const route = (name: string) => ({
      paths: {
        [`/orders/{${name}}`]: {
          get: { operationId: 'orders.get', parameters: [{ name, in: 'path', required: true }] },
        },
      },
    })
    expect(said(route('id'), route('orderId'))).toEqual(['type: path parameter orderId was called id'])
  })
})

describe('behaviour', () => {
  test.each<[string, Operation, Operation, string]>([
    ['a permission', {}, { 'x-plinth-access': 'orders:write' }, 'access is now orders:write (was user)'],
    [
      'security',
      { security: [{}] },
      { security: [{ bearer: [] }] },
      'can no longer be called with no credentials',
    ],
    [
      'another scope',
      { 'x-plinth-scope': 'orders:write' },
      { 'x-plinth-scope': 'refunds:write' },
      'needs the scope refunds:write (was orders:write)',
    ],
    [
      'no scope that would do',
      { 'x-plinth-scope': 'orders:write' },
      { 'x-plinth-scope': null },
      'can no longer be called with a limited credential (was orders:write)',
    ],
    ['a fresh proof', {}, { 'x-plinth-fresh': true }, 'now needs a recent proof of identity'],
    ['a proved address', {}, { 'x-plinth-verified': true }, 'now needs a verified email address'],
    [
      'a tighter limit',
      { 'x-plinth-limit': { perMinute: 60 } },
      { 'x-plinth-limit': { perMinute: 30 } },
      'limit perMinute is now 30 (was 60)',
    ],
    ['a first limit', {}, { 'x-plinth-limit': { burst: 5 } }, 'limit burst is now 5 (was none)'],
    [
      'another group',
      { 'x-plinth-limit': { group: 'a' } },
      { 'x-plinth-limit': { group: 'b' } },
      'limit is now counted in group b (was a)',
    ],
    [
      'idempotency dropped',
      { 'x-plinth-idempotent': true },
      {},
      'repeats by Idempotency-Key are executed again',
    ],
    [
      'a required header',
      {},
      { parameters: [{ name: 'X-Tenant', in: 'header', required: true }] },
      'header parameter X-Tenant is a new required header',
    ],
  ])('%s', (_, before, after, sentence) => {
    expect(said(document(before), document(after))).toContain(`behaviour: ${sentence}`)
  })
})

describe('addition', () => {
  test.each<[string, OpenApi, OpenApi]>([
    ['an operation', {}, document({})],
    ['an optional input', takes(object({})), takes(object({ a: {} }))],
    ['a wider input', takes({ enum: ['a'] }), takes({ enum: ['a', 'b'] })],
    ['another property in an answer', answers(object({})), answers(object({ a: {} }, ['a']))],
    ['a new error', document({}), document({ responses: { 409: {} } })],
    [
      'easier access',
      document({ 'x-plinth-access': 'orders:read' }),
      document({ 'x-plinth-access': 'public' }),
    ],
    ['a first scope', document({ 'x-plinth-scope': null }), document({ 'x-plinth-scope': 'orders:write' })],
    ['a proof that is needed no more', document({ 'x-plinth-fresh': true }), document({})],
    ['an address that need not be proved', document({ 'x-plinth-verified': true }), document({})],
    [
      'a looser limit',
      document({ 'x-plinth-limit': { burst: 1 } }),
      document({ 'x-plinth-limit': { burst: 2 } }),
    ],
    ['another cache time', document({ 'x-plinth-cache': 1 }), document({ 'x-plinth-cache': 2 })],
    ['a deprecation', document({}), document({ deprecated: true })],
  ])('%s', (_, before, after) => {
    expect(classify(before, after).map(({ kind }) => kind)).toEqual(['addition'])
  })
})

test('a change names its operation and points to its place', () => {
  expect(classify(answers(object({})), answers(object({ 'a/b': {} })))).toEqual([
    {
      kind: 'addition',
      sentence: 'answer 200.a/b is new',
      operationId: 'orders.cancel',
      pointer: '/paths/~1orders~1{id}/post/responses/200/content/application~1json/schema/properties/a~1b',
    },
  ])
})

test('that a document from before there were scopes names none is no change', () => {
  expect(classify(document({}), document({ 'x-plinth-scope': 'orders:write' }))).toEqual([])
})

test('a change inside of a shared schema is found through its references, even when it refers to itself', () => {
  const ref = { $ref: '#/components/schemas/Category' }
  const tree = (name: Schema) =>
    document(
      { responses: { 200: json(ref) } },
      { components: { schemas: { Category: object({ name, children: { type: 'array', items: ref } }) } } },
    )
  expect(said(tree({ type: 'string' }), tree({ type: 'number' }))).toEqual([
    'wire: answer 200.name can now be number',
  ])
})

test('a document never differs from itself', () => {
  const { schema } = fc.letrec<{ schema: Schema }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      fc.record({ type: fc.constantFrom('string', 'integer', 'null'), maxLength: fc.nat() }),
      fc.record({ $ref: fc.constantFrom('#/components/schemas/A', '#/components/schemas/Absent') }),
      fc.record({ enum: fc.uniqueArray(fc.string()) }),
      fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ type: fc.constant('array'), items: tie('schema') }),
      fc.record({
        properties: fc.dictionary(fc.string(), tie('schema')),
        additionalProperties: fc.boolean(),
      }),
    ),
  }))
  const pair = fc.record({ A: schema, body: schema })
  fc.assert(
    fc.property(pair, ({ A, body }) => {
      const whole = document(
        { requestBody: json(body), responses: { 200: json(body) } },
        { components: { schemas: { A } } },
      )
      expect(classify(whole, structuredClone(whole))).toEqual([])
    }),
  )
})
