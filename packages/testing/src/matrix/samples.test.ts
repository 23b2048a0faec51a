import type { Contract } from '@plinth/contract'
import { expectTypeOf, test } from 'vitest'
import type { TestActor } from '../test-app.ts'
import type { Samples } from './sample.ts'
import type { samples } from './samples.ts'
import type { World } from './world.ts'

type All = Samples<Contract, World, TestActor>
type Tags = All['commerce']['tags']

test('a procedure without a sample does not compile', () => {
  expectTypeOf<typeof samples>().toExtend<All>()
  expectTypeOf<Omit<Tags, 'create'>>().not.toExtend<Tags>()
  expectTypeOf<Omit<All, 'core'>>().not.toExtend<All>()
})

test('a sample of another shape than the input does not compile', () => {
  expectTypeOf<{ input: () => { name: string } }>().toExtend<Tags['create']>()
  expectTypeOf<{ input: () => { name: number } }>().not.toExtend<Tags['create']>()
  expectTypeOf<{ input: () => { slug: string } }>().not.toExtend<Tags['create']>()
})
