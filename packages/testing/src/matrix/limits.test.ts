import { walk } from '@plinth/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestActor } from '../test-app.ts'
import type { Judged } from './answers.ts'
import { paramsOf } from './case.ts'
import { matrixContract } from './drive/contract.ts'
import { callerOf, send } from './matrix.ts'
import { sampleOf } from './sample.ts'
import { samples } from './samples.ts'
import { isRecord, type Wire } from './wire.ts'
import { wiresOf } from './wires.ts'
import { type PlinthTarget, plinthTarget, type World } from './world.ts'

const BURST = 2
// One more every ten seconds. What makes the world ready calls from another address than what is tested.
const LIMITS = { perMinute: 6, burst: BURST }
const ENV = {
  PLINTH_LIMITS: JSON.stringify({ default: LIMITS, auth: LIMITS, otp: LIMITS }),
  PLINTH_TRUSTED_PROXIES: '1',
}

let target: PlinthTarget
beforeAll(async () => {
  target = await plinthTarget(ENV)
})
afterAll(() => target[Symbol.asyncDispose]())

let addresses = 0
const newAddress = (): Record<string, string> => {
  addresses += 1
  // Of another network each, for addresses of one /64 count as one.
  return { 'x-forwarded-for': `2001:db8:0:${addresses.toString(16)}::1` }
}

// Refused for what they hold, these calls count all the same: limits come ahead of everything else.
const knock = (judged: Judged, headers: Readonly<Record<string, string>>) => {
  const params = paramsOf(judged.name, judged.procedure).map((param) => [param, 'x'])
  return send(judged, judged.wire.encode({ ...Object.fromEntries(params), nobodyKnowsThis: 'x' }), {
    headers,
  })
}

const limitHeaders = ({ headers }: { readonly headers: Headers }) =>
  ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after'].map((name) =>
    headers.get(name),
  )

const judgedBy = (name: string, wire: Wire): Judged => {
  const found = [...walk(matrixContract)].find(([known]) => known === name)
  if (!found) throw new Error(`There is no procedure ${name}`)
  return { name, procedure: found[1], wire, target }
}

for (const [name, procedure] of walk(matrixContract))
  for (const wire of wiresOf(name, procedure))
    test(`${name} ${wire.title}: refuses an address beyond its limit, says when to come again, and keeps to it`, async () => {
      const judged = judgedBy(name, wire)
      const headers = newAddress()
      const isStream = procedure.kind === 'subscription'
      for (let left = BURST; left >= 0; left -= 1) {
        const { code, answer } = await knock(judged, headers)
        expect(code).not.toBe('TOO_MANY_REQUESTS')
        // The headers of a stream are sent before its limits are counted.
        if (!isStream) expect(answer.headers.get('ratelimit-remaining')).toBe(String(left))
      }
      const over = await knock(judged, headers)
      expect([over.code, over.status]).toEqual(['TOO_MANY_REQUESTS', 429])
      if (!isStream) expect(limitHeaders(over.answer)).toEqual([String(BURST + 1), '0', '30', '10'])
      expect((await knock(judged, newAddress())).code).not.toBe('TOO_MANY_REQUESTS')
      target.server.clock.advance(10_000)
      expect((await knock(judged, headers)).code).not.toBe('TOO_MANY_REQUESTS')
      expect((await knock(judged, headers)).code).toBe('TOO_MANY_REQUESTS')
    })

const perField = [...walk(matrixContract)].flatMap(([name, procedure]) => {
  const field = typeof procedure.limit === 'object' ? procedure.limit.field : undefined
  // Whoever is signed in is counted by that too, and would be stopped by it first.
  return field === undefined || procedure.access !== 'public' ? [] : [{ name, procedure, field }]
})

test('some procedures count a field of their input', () => {
  expect(perField.map(({ name }) => name)).toContain('core.accounts.register')
})

test.each(perField)(
  '$name refuses one $field beyond its limit, from however many addresses',
  async ({ name, procedure, field }) => {
    const sample = sampleOf<World, TestActor>(samples, name)
    if (!sample) throw new Error(`${name} has no sample`)
    target.server.clock.advance(600_000)
    const input: unknown = await sample.input(target.world, await callerOf({ procedure, sample, target }))
    const [wire] = wiresOf(name, procedure)
    if (!wire || !isRecord(input)) throw new Error(`${name} takes no ${field}`)
    const judged = judgedBy(name, wire)
    const codes: (string | null)[] = []
    target.server.clock.advance(600_000)
    for (let call = 0; call <= BURST + 1; call += 1) {
      const { code } = await send(judged, wire.encode(input), { headers: newAddress() })
      codes.push(code)
    }
    expect(codes.at(-1)).toBe('TOO_MANY_REQUESTS')
    expect(codes.slice(0, -1)).not.toContain('TOO_MANY_REQUESTS')
  },
)

test('somebody signed in is counted wherever they call from', async () => {
  target.server.clock.advance(600_000)
  const { accessToken } = await target.callers.fresh('admin')
  const codes: (number | undefined)[] = []
  for (let call = 0; call <= BURST + 1; call += 1) {
    const options = { token: accessToken, headers: newAddress() }
    codes.push((await target.server.rest('GET', '/api/v1/categories', options)).status)
  }
  expect(codes).toEqual([200, 200, 200, 429])
})
