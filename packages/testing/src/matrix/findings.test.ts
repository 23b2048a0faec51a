import { adapterMigrations } from '@plinth/adapters'
import type { Surface } from '@plinth/api'
import { conflict, id, mutation, own, query, walk } from '@plinth/contract'
import { type Actor, bind, implementer, type KitTables, kitMigrations } from '@plinth/kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { testServer } from '../test-app.ts'
import { checksOf } from './checks.ts'
import { readDocument } from './document.ts'
import type { Target } from './matrix.ts'
import type { Caller, Samples } from './sample.ts'

const KNOWN = `prd_${'1'.repeat(26)}`
const THEIRS = `prd_${'2'.repeat(26)}`
const Thing = z.object({ id: z.string() })
const byId = z.strictObject({ id: id('prd') })

/** One procedure that is as it should be, and one for each way to be wrong. */
const things = {
  sound: query({ summary: 'Read', rest: 'GET /sound/{id}', input: byId, output: Thing }),
  crashes: mutation({
    summary: 'Crash',
    rest: 'POST /crashes',
    access: 'public',
    input: byId,
    output: Thing,
  }),
  contradicts: query({ summary: 'Contradict', rest: 'GET /contradicts', input: byId, output: Thing }),
  undocumented: query({ summary: 'Refuse', rest: 'GET /undocumented', input: byId, output: Thing }),
  lenient: query({
    summary: 'Take all',
    rest: 'GET /lenient',
    input: z.looseObject({ id: id('prd') }),
    output: Thing,
  }),
  inventive: query({ summary: 'Invent', rest: 'GET /inventive/{id}', input: byId, output: Thing }),
  indiscreet: query({
    summary: 'Tell',
    rest: 'GET /indiscreet/{id}',
    input: byId,
    output: Thing,
    errors: { NOT_YOURS: conflict('It is not yours.') },
  }),
  ownerless: query({
    summary: 'Read',
    rest: 'GET /ownerless/{id}',
    access: own('products:write'),
    input: byId,
    output: Thing,
  }),
  unsampled: query({ summary: 'Read', rest: 'GET /unsampled', input: byId, output: Thing }),
}
const broken = { demo: { things } }

const handlers = implementer<KitTables>()(things, {
  async sound({ input, fail }) {
    return input.id === KNOWN ? input : fail('NOT_FOUND')
  },
  async crashes() {
    throw new Error('this one is meant to fail')
  },
  async contradicts() {
    return JSON.parse('{"id":17}') as { id: string }
  },
  async undocumented({ fail }) {
    return fail('METHOD_NOT_ALLOWED')
  },
  lenient: async ({ input }) => ({ id: input.id }),
  inventive: async ({ input }) => input,
  async indiscreet({ input, fail }) {
    if (input.id === THEIRS) fail('NOT_YOURS')
    return input.id === KNOWN ? input : fail('NOT_FOUND')
  },
  async ownerless({ input, fail }) {
    return input.id === KNOWN ? input : fail('NOT_FOUND')
  },
  unsampled: async ({ input }) => input,
})

type Complete = Samples<typeof broken, null, Caller>

const good = { input: () => ({ id: KNOWN }) }
const samples: { demo: { things: Omit<Complete['demo']['things'], 'unsampled'> } } = {
  demo: {
    things: {
      sound: good,
      crashes: good,
      contradicts: good,
      undocumented: good,
      lenient: good,
      inventive: good,
      ownerless: good,
      indiscreet: { ...good, foreign: () => ({ id: THEIRS }) },
    },
  },
}

const actor: Actor = {
  userId: 'usr_1',
  loginId: 'lgn_1',
  role: 'user',
  permissions: new Set(),
  portal: null,
  scopes: null,
  verified: true,
  provenAt: null,
  impersonatedBy: null,
}
const surface: Surface = () => ({
  bound: bind(broken, { demo: { things: handlers } }),
  subscribers: [],
  invariants: [],
  authenticator: {
    async authenticate(token) {
      if (token.startsWith('good')) return actor
      if (token === 'limited') return { ...actor, scopes: new Set(['others:read']) }
      return token.startsWith('refresh') ? 'TOKEN_WRONG_TYPE' : 'TOKEN_MALFORMED'
    },
  },
})

let made = 0
const newCaller = async (): Promise<Caller> => {
  made += 1
  return { accessToken: `good-${made}`, refreshToken: `refresh-${made}` }
}

let target: Target<null, Caller>
let stop: () => Promise<void>
beforeAll(async () => {
  const server = await testServer({ migrations: { ...kitMigrations, ...adapterMigrations }, surface })
  stop = async () => server[Symbol.asyncDispose]()
  const bad = async () => [
    { title: 'damaged', headers: { authorization: 'Bearer bad' }, code: 'TOKEN_MALFORMED' } as const,
  ]
  const callers = {
    of: newCaller,
    fresh: newCaller,
    inPortal: newCaller,
    limited: async () => 'limited',
    bad,
  }
  target = { server, document: await readDocument(server), world: null, callers, secrets: new Set() }
})
afterAll(() => stop())

/** What the matrix finds wrong with one procedure: the titles of what failed. */
const findings = async (procedure: string): Promise<string> => {
  const found: string[] = []
  for (const check of checksOf<null, Caller>(broken, samples))
    if (check.procedure === `demo.things.${procedure}`)
      await check.run(target).catch((error: Error) => found.push(`${check.title}: ${error.message}`))
  return found.join('\n')
}

test('finds nothing wrong with a sound procedure', async () => {
  expect(await findings('sound')).toBe('')
})

test.each([
  ['crashes', /POST \/crashes: works with its sample: Answered 500/],
  ['crashes', /tRPC batch: works with its sample: Answered/],
  ['contradicts', /works with its sample: Answered 500/],
  ['undocumented', /the status 405 is not documented|Answered/],
  ['lenient', /refuses a field that it does not know/],
  ['inventive', /tRPC: answers 404 for an id that nothing has/],
  ['indiscreet', /somebody else's object/],
  ['ownerless', /is for owners: add a sample that is somebody else's/],
  ['unsampled', /has a sample input: demo.things.unsampled has no sample input/],
])('finds out that %s is wrong', async (procedure, finding) => {
  expect(await findings(procedure)).toMatch(finding)
})

test('every procedure that is wrong on purpose is found out', async () => {
  for (const [name] of walk(broken)) {
    const procedure = name.split('.').at(-1) ?? ''
    expect((await findings(procedure)) === '', procedure).toBe(procedure === 'sound')
  }
})
