import { isServerEngine } from '@plinth/db/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestActor } from '../test-app.ts'
import { checksOf } from './checks.ts'
import { matrixContract } from './drive/contract.ts'
import { samples } from './samples.ts'
import { leakedSecrets } from './secrets.ts'
import { type PlinthTarget, plinthTarget, type World } from './world.ts'

let target: PlinthTarget
beforeAll(async () => {
  target = await plinthTarget()
})
afterAll(() => target[Symbol.asyncDispose]())

// How a call is written is the same on each engine: all wires are tried on one of them, and the first on each.
const most = isServerEngine() ? 1 : undefined

for (const { procedure, title, run } of checksOf<World, TestActor>(matrixContract, samples, most))
  test(`${procedure} ${title}`, () => run(target))

test('nothing of all this was logged as an error', () => {
  expect(target.server.logged.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([])
})

test('no token and no password that was used stands in clear in any table or in the log', async () => {
  expect(await leakedSecrets(target)).toEqual([])
})
