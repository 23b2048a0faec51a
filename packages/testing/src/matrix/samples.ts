import type { Contract } from '@plinth/contract'
import type { TestActor } from '../test-app.ts'
import type { Samples } from './sample.ts'
import { commerceSamples } from './samples-commerce.ts'
import { coreSamples } from './samples-core.ts'
import type { World } from './world.ts'

/** How each of Plinth's procedures is called well. */
export const samples: Samples<Contract, World, TestActor> = { core: coreSamples, commerce: commerceSamples }
