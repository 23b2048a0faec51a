import type { TestActor } from '../test-app.ts'
import type { matrixContract } from './drive/contract.ts'
import { driveSamples } from './drive/samples.ts'
import type { Samples } from './sample.ts'
import { commerceSamples } from './samples-commerce.ts'
import { coreSamples } from './samples-core.ts'
import type { World } from './world.ts'

/** How each procedure of the matrix is called well. */
export const samples: Samples<typeof matrixContract, World, TestActor> = {
  core: coreSamples,
  commerce: commerceSamples,
  drive: driveSamples,
}
