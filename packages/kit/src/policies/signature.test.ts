import { createFakeClock } from '@plinth/testing'
import { expect, test } from 'vitest'
import type { Exchange } from '../exchange.ts'
import { createLog } from '../log.ts'
import type { Actor, Authenticator, SignedRequest } from '../ports.ts'
import { principalOf } from './actor.ts'

const clock = createFakeClock()
const ada: Actor = {
  userId: 'usr_ada',
  loginId: null,
  key: { id: 'key_1', limit: { perMinute: 1, burst: 0 } },
  role: 'user',
  permissions: new Set(),
  portal: null,
  scopes: new Set(),
  verified: true,
  provenAt: null,
  impersonatedBy: null,
}

const SIGNED = {
  'x-plinth-key': 'key_1',
  'x-plinth-timestamp': '1',
  'x-plinth-nonce': 'n',
  'x-plinth-signature': 's',
}

const NO_REQUEST = {
  requestId: 'r',
  method: 'GET',
  url: '/',
  address: '127.0.0.1',
  signal: AbortSignal.timeout(60_000),
  log: createLog({ level: 'silent', modules: {} }).module('test'),
  text: async () => '',
  formData: async () => new FormData(),
  answerHeaders: {},
}

/** A request with these headers, and what the authenticator was asked. */
const asked = (headers: Readonly<Record<string, string>>) => {
  const calls: string[] = []
  const used = new Set<string>()
  const world = { revoked: false }
  const authenticator: Authenticator = {
    async authenticate(token, _now, { source }) {
      calls.push(`${source} ${token}`)
      return 'TOKEN_UNKNOWN'
    },
    async verify({ keyId, nonce, body }: SignedRequest) {
      calls.push(`verify ${keyId} ${(await body()).length}`)
      return {
        actor: ada,
        claim: async () => !used.has(nonce) && used.add(nonce) === used,
        async again() {
          calls.push('again')
          return world.revoked ? 'KEY_REVOKED' : ada
        },
      }
    },
  }
  const exchange: Exchange = {
    ...NO_REQUEST,
    header: (name: string) => headers[name],
    bytes: async () => new Uint8Array(3),
    principal: undefined,
  }
  const callOf = (): Exchange => ({ ...exchange, root: exchange })
  return { calls, world, exchange, callOf, ask: (from = exchange) => principalOf(from, authenticator, clock) }
}

test('a signature counts before a token, a token before an API key, and that before a cookie', async () => {
  const cookie = { cookie: 'plinth_access=c' }
  const sources = []
  for (const headers of [
    { ...SIGNED, authorization: 'Bearer a', 'x-api-key': 'k', ...cookie },
    { authorization: 'Bearer a', 'x-api-key': 'k', ...cookie },
    { 'x-api-key': ' k ', ...cookie },
    cookie,
  ]) {
    const { ask, calls } = asked(headers)
    sources.push([(await ask()).source, ...calls])
  }
  expect(sources).toEqual([
    ['signature', 'verify key_1 3'],
    ['bearer', 'bearer a'],
    ['api-key', 'api-key k'],
    ['cookie', 'cookie c'],
  ])
})

test.each(Object.keys(SIGNED).slice(1))('without %s nothing is verified', async (missing) => {
  const { ask, calls } = asked(
    Object.fromEntries(Object.entries(SIGNED).filter(([name]) => name !== missing)),
  )
  expect(await ask()).toEqual({ actor: null, source: 'signature', refusal: 'SIGNATURE_MISSING' })
  expect(calls).toEqual([])
})

test('the calls of one request stand under one signature and one nonce, and the key is judged anew for each', async () => {
  const { ask, calls, callOf, world } = asked(SIGNED)
  const [first, second] = [await ask(callOf()), await ask(callOf())]
  expect(calls).toEqual(['verify key_1 3', 'again'])
  expect(await Promise.all([first.claim?.(), second.claim?.()])).toEqual([true, true])
  world.revoked = true
  expect(await ask(callOf())).toMatchObject({ actor: null, refusal: 'KEY_REVOKED' })
})

test('another request with the same nonce is told that it was used', async () => {
  const { ask, exchange } = asked(SIGNED)
  expect(await (await ask()).claim?.()).toBe(true)
  expect(await (await ask({ ...exchange, principal: undefined })).claim?.()).toBe(false)
})

test('a form is refused before its bytes are read', async () => {
  const { ask } = asked({ ...SIGNED, 'content-type': 'multipart/form-data; boundary=x' })
  await expect(Promise.resolve(ask())).rejects.toMatchObject({ code: 'SIGNATURE_UNSUPPORTED' })
})

test('where no key signs, a signature is of a key that is not known', async () => {
  const { exchange } = asked(SIGNED)
  const authenticator: Authenticator = { authenticate: async () => 'TOKEN_UNKNOWN' }
  expect(await principalOf(exchange, authenticator, clock)).toMatchObject({ refusal: 'KEY_UNKNOWN' })
})
