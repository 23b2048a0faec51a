import { contract } from '@plinth/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestActor } from '../test-app.ts'
import { checksOf } from './checks.ts'
import { samples } from './samples.ts'
import { type PlinthTarget, plinthTarget, type World } from './world.ts'

let target: PlinthTarget
beforeAll(async () => {
  target = await plinthTarget()
})
afterAll(() => target[Symbol.asyncDispose]())

for (const { procedure, title, run } of checksOf<World, TestActor>(contract, samples))
  test(`${procedure} ${title}`, () => run(target))

test('nothing of all this was logged as an error', () => {
  expect(target.server.logged.filter(({ level }) => Number(level) >= 50)).toEqual([])
})
