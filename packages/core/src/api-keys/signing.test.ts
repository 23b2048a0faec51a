import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type KeyWithSecret, newKey, outcomeOf, sendSigned, signatureHeaders } from '../../test/api-keys.ts'
import type { CoreDb } from '../db.ts'

const OK = [200, undefined]
const INVALID = [401, 'SIGNATURE_INVALID']
const JSON_TYPE = { 'content-type': 'application/json' }
const WINDOW_S = 300

let app: TestApp
let owner: TestActor
let key: KeyWithSecret
let other: KeyWithSecret
beforeAll(async () => {
  app = await testApp()
  owner = await app.as('manager')
  const scopes = ['accounts:read', 'tags:write', 'tags:read']
  key = await newKey(owner, { signed: true, scopes })
  other = await newKey(owner, { signed: true, scopes })
})
afterAll(() => app[Symbol.asyncDispose]())

const PROFILE = '/api/user/profile'
const seconds = () => Math.floor(app.clock.now().getTime() / 1000)
const tagsNamed = (name: string) =>
  app.db
    .as<CoreDb & { tags: { name: string } }>()
    .read.selectFrom('tags')
    .select('name')
    .where('name', '=', name)
    .execute()

describe('a signed request', () => {
  test('is answered over REST, over tRPC and as a batch, with and without a body', async () => {
    expect(outcomeOf(await sendSigned(app, key, { path: PROFILE }))).toEqual(OK)
    expect(outcomeOf(await sendSigned(app, key, { path: '/api/v1/tags?limit=1' }))).toEqual(OK)
    const post = { method: 'POST', body: { name: 'Signed 1' } }
    expect((await sendSigned(app, key, { ...post, path: '/api/v1/tags' })).status).toBe(201)
    const mutation = { method: 'POST', path: '/trpc/commerce.tags.create', body: { name: 'Signed 2' } }
    expect(outcomeOf(await sendSigned(app, key, mutation))).toEqual(OK)
    const batch = await sendSigned(app, key, {
      method: 'POST',
      path: '/trpc/commerce.tags.create,commerce.tags.create?batch=1',
      body: { 0: { name: 'Signed 3' }, 1: { name: 'Signed 4' } },
    })
    expect((batch.body as { result?: unknown }[]).map(({ result }) => result !== undefined)).toEqual([
      true,
      true,
    ])
  })

  test('may be a streamed batch, whose calls stand under the one signature', async () => {
    const path = '/trpc/core.accounts.get,core.accounts.get?batch=1&input=%7B%7D'
    const headers = { ...signatureHeaders(app, key, { path }), 'trpc-accept': 'application/jsonl' }
    const response = await fetch(app.url + path, { headers })
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(text.split(owner.email)).toHaveLength(3)
    expect(text).not.toContain('NONCE_USED')
  })

  test('is limited to the scopes of its key', async () => {
    expect(outcomeOf(await sendSigned(app, key, { path: '/api/v1/jobs' }))).toEqual([403, 'FORBIDDEN'])
    expect(outcomeOf(await sendSigned(app, key, { path: '/api/v1/api-keys' }))).toEqual([
      403,
      'SCOPE_MISSING',
    ])
  })

  test('is refused without its signature, with half of it, or with that of a key that does not sign', async () => {
    const half = Object.fromEntries(Object.entries(signatureHeaders(app, key, { path: PROFILE })).slice(0, 3))
    const plain = await newKey(owner, { scopes: ['accounts:read'] })
    const sent = async (headers: Record<string, string>) =>
      outcomeOf(await app.rest('GET', PROFILE, { headers }))
    expect(await sent({ authorization: `Bearer ${key.secret}` })).toEqual([401, 'SIGNATURE_MISSING'])
    expect(await sent({ 'x-api-key': key.secret })).toEqual([401, 'SIGNATURE_MISSING'])
    expect(await sent(half)).toEqual([401, 'SIGNATURE_MISSING'])
    expect(await sent(signatureHeaders(app, plain, { path: PROFILE }))).toEqual([401, 'SIGNATURE_UNEXPECTED'])
  })

  test('counts before any other credential that comes along', async () => {
    const someone = await app.as('user')
    const both = { authorization: `Bearer ${someone.accessToken}` }
    const { body } = await sendSigned(app, key, { path: PROFILE }, both)
    expect(body).toMatchObject({ email: owner.email })
  })
})

describe('whatever is altered, nothing is done', () => {
  const path = '/api/v1/tags?note=1'
  const body = JSON.stringify({ name: 'Altered' })

  // What is signed, and what is sent in its place.
  const cases: Record<string, Partial<{ method: string; path: string; body: string; headers: object }>> = {
    'the method': { method: 'PUT' },
    'the path': { path: '/api/tags?note=1' },
    'the query': { path: '/api/v1/tags?note=2' },
    'a trailing slash': { path: '/api/v1/tags/?note=1' },
    'the body': { body: JSON.stringify({ name: 'altered' }) },
    'a space in the body': { body: `${body} ` },
    'no body at all': { body: '' },
    'the nonce': { headers: { 'x-plinth-nonce': 'f'.repeat(32) } },
    'the version of the signature': { headers: { 'x-plinth-signature': `v2=${'a'.repeat(64)}` } },
  }
  test.each(Object.entries(cases))('%s', async (_what, change) => {
    const headers = signatureHeaders(app, key, { method: 'POST', path, body })
    const answer = await app.rest(change.method ?? 'POST', change.path ?? path, {
      body: change.body ?? body,
      headers: { ...JSON_TYPE, ...headers, ...change.headers },
    })
    expect(change.method ? answer.status : outcomeOf(answer)).toEqual(change.method ? 405 : INVALID)
    expect(await tagsNamed('Altered')).toEqual([])
  })

  test('the method, where the other one exists', async () => {
    const made = await owner.client.commerce.tags.create.mutate({ name: 'Kept' })
    const at = `/api/v1/tags/${made.id}`
    const headers = signatureHeaders(app, key, { path: at })
    expect(outcomeOf(await app.rest('DELETE', at, { headers }))).toEqual(INVALID)
    expect(await tagsNamed('Kept')).toHaveLength(1)
  })

  test('the timestamp, the key, or the secret', async () => {
    const headers = signatureHeaders(app, key, { path: PROFILE })
    const change = async (more: Record<string, string>) =>
      outcomeOf(await app.rest('GET', PROFILE, { headers: { ...headers, ...more } }))
    expect(await change({ 'x-plinth-timestamp': String(seconds() + 1) })).toEqual(INVALID)
    expect(await change({ 'x-plinth-key': other.id })).toEqual(INVALID)
    expect(outcomeOf(await sendSigned(app, { ...key, secret: other.secret }, { path: PROFILE }))).toEqual(
      INVALID,
    )
    expect(await change({})).toEqual(OK)
  })
})

describe('a nonce serves once', () => {
  test('a request that is sent again as it was is refused, and nothing is done again', async () => {
    const call = { method: 'POST', path: '/api/v1/tags', body: { name: 'Once' } }
    const headers = { ...JSON_TYPE, ...signatureHeaders(app, key, call) }
    const send = () => app.rest('POST', call.path, { body: call.body, headers })
    expect((await send()).status).toBe(201)
    expect(outcomeOf(await send())).toEqual([401, 'NONCE_USED'])
    expect(await tagsNamed('Once')).toHaveLength(1)
  })

  test('of fifty replays at the same time exactly one is answered', async () => {
    const headers = signatureHeaders(app, key, { path: PROFILE })
    const answers = await Promise.all(Array.from({ length: 50 }, () => app.rest('GET', PROFILE, { headers })))
    const outcomes = answers.map(outcomeOf)
    expect(outcomes.filter(([status]) => status === 200)).toHaveLength(1)
    expect(outcomes.filter(([, code]) => code === 'NONCE_USED')).toHaveLength(49)
  })

  test('and is the own of its key: another key may use the same', async () => {
    const nonce = 'shared-by-two-keys-1'
    expect(outcomeOf(await sendSigned(app, key, { path: PROFILE, nonce }))).toEqual(OK)
    expect(outcomeOf(await sendSigned(app, other, { path: PROFILE, nonce }))).toEqual(OK)
    expect(outcomeOf(await sendSigned(app, other, { path: PROFILE, nonce }))).toEqual([401, 'NONCE_USED'])
  })

  test('a refused signature uses none up', async () => {
    const nonce = 'not-used-by-refusals'
    const forged = { ...key, secret: other.secret }
    expect(outcomeOf(await sendSigned(app, forged, { path: PROFILE, nonce }))).toEqual(INVALID)
    expect(outcomeOf(await sendSigned(app, key, { path: PROFILE, nonce }))).toEqual(OK)
  })
})

test('a timestamp may be five minutes from now, to either side, and no more', async () => {
  const at = async (timestamp: number) => outcomeOf(await sendSigned(app, key, { path: PROFILE, timestamp }))
  const now = app.clock.now().getTime() / 1000
  expect(await at(Math.ceil(now) - WINDOW_S)).toEqual(OK)
  expect(await at(Math.floor(now) + WINDOW_S)).toEqual(OK)
  expect(await at(Math.ceil(now) - WINDOW_S - 1)).toEqual([401, 'SIGNATURE_EXPIRED'])
  expect(await at(Math.floor(now) + WINDOW_S + 1)).toEqual([401, 'SIGNATURE_EXPIRED'])
})

test('what can not be signed is refused with that reason: forms, and bodies beyond the bound', async () => {
  const form = new FormData()
  form.set('name', 'x')
  const headers = signatureHeaders(app, key, { method: 'POST', path: '/api/v1/tags' })
  const uploaded = await app.rest('POST', '/api/v1/tags', { body: form, headers })
  expect(outcomeOf(uploaded)).toEqual([401, 'SIGNATURE_UNSUPPORTED'])
  const large = { method: 'POST', path: '/api/v1/tags', body: { name: 'x'.repeat(1024 * 1024) } }
  expect(outcomeOf(await sendSigned(app, key, large))).toEqual([413, 'TOO_LARGE'])
})
