import type { TestActor } from '../../test-app.ts'
import type { Samples } from '../sample.ts'
import type { World } from '../world.ts'
import type { matrixContract } from './contract.ts'

type DriveSamples = Samples<(typeof matrixContract)['drive'], World, TestActor>

const ownDocument: Pick<DriveSamples['documents']['get'], 'input' | 'foreign'> = {
  input: async (world, caller) => ({ id: await world.document(caller) }),
  foreign: async (world) => ({ id: await world.document(await world.someone('user')) }),
}

/** How each procedure on documents is called well. */
export const driveSamples: DriveSamples = {
  documents: {
    list: {
      input: async (world, caller) => {
        const name = world.unique()
        await world.document(caller, name)
        return { limit: 5, name: { eq: name } }
      },
    },
    get: ownDocument,
    create: {
      input: (world) => ({
        name: world.unique(),
        file: new File(['twelve bytes'], 'a.txt', { type: 'text/plain' }),
      }),
    },
    content: ownDocument,
    follow: ownDocument,
    rename: {
      input: async (world, caller) => ({ id: await world.document(caller), name: world.unique() }),
      foreign: async (world) => ({
        id: await world.document(await world.someone('user')),
        name: world.unique(),
      }),
    },
    stamp: { input: (world) => ({ word: world.unique() }) },
  },
}
