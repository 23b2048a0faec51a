import { walk } from '@plinth/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestActor } from '../test-app.ts'
import { kept } from './case.ts'
import { matrixContract } from './drive/contract.ts'
import { send } from './matrix.ts'
import { sampleOf } from './sample.ts'
import { samples } from './samples.ts'
import { wiresOf } from './wires.ts'
import { type PlinthTarget, plinthTarget, type World } from './world.ts'

const NAME = 'drive.documents.follow'

let target: PlinthTarget
beforeAll(async () => {
  target = await plinthTarget()
})
afterAll(() => target[Symbol.asyncDispose]())

const procedure = [...walk(matrixContract)].find(([name]) => name === NAME)?.[1]
if (!procedure) throw new Error(`There is no ${NAME}`)

test('a subscription is served as an event stream and over WebSocket', () => {
  expect(wiresOf(NAME, procedure).map(({ title }) => title)).toEqual(['tRPC stream', 'tRPC WebSocket'])
})

test.each(wiresOf(NAME, procedure))(
  'over $title who comes back goes on after the value that was seen last',
  async (wire) => {
    const sample = sampleOf<World, TestActor>(samples, NAME)
    if (!sample || !wire.resume) throw new Error(`${NAME} can't be asked to go on`)
    const subject = { name: NAME, procedure, wire, sample, target }
    const { input, token } = await kept(subject)
    const first = await send(subject, wire.encode(input), { token })
    expect([first.code, first.eventId]).toEqual([null, '1'])
    const next = await send(subject, wire.resume(input, '1'), { token })
    expect([next.code, next.eventId]).toEqual([null, '2'])
    expect(next.body).not.toEqual(first.body)
    const refused = await send(subject, wire.resume(input, '1'), { token: 'pla_damaged' })
    expect(refused.code).toBe('TOKEN_MALFORMED')
  },
)
