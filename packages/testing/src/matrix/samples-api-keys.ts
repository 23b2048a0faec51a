import type { Contract } from '@plinth/contract'
import type { TestActor } from '../test-app.ts'
import type { Samples } from './sample.ts'
import type { World } from './world.ts'

const DAY_MS = 24 * 3_600_000

const inDays = ({ account }: TestActor, days: number): string =>
  new Date(Date.parse(account.createdAt) + days * DAY_MS).toISOString()

/** How each procedure of API keys is called well. */
export const apiKeySamples: Samples<Contract['core']['apiKeys'], World, TestActor> = {
  list: { input: () => ({ limit: 5 }) },
  get: {
    input: async (world, caller) => ({ id: (await world.apiKey(caller)).id }),
    foreign: async (world) => ({ id: (await world.apiKey(await world.someone('user'))).id }),
  },
  create: {
    input: (world, caller) => ({
      name: world.unique(),
      scopes: ['products:read', 'tags:read'],
      signed: true,
      perMinute: 60,
      burst: 10,
      expiresAt: inDays(caller, 30),
    }),
    restless: true,
  },
  update: {
    input: async (world, caller) => ({
      id: (await world.apiKey(caller)).id,
      name: world.unique(),
      scopes: ['products:read'],
      perMinute: 30,
      burst: 5,
    }),
    foreign: async (world) => ({
      id: (await world.apiKey(await world.someone('user'))).id,
      name: world.unique(),
    }),
  },
  rotate: {
    input: async (world, caller) => ({
      id: (await world.apiKey(caller)).id,
      overlapSeconds: 60,
      expiresAt: inDays(caller, 60),
    }),
    foreign: async (world) => ({ id: (await world.apiKey(await world.someone('user'))).id }),
    restless: true,
  },
  delete: {
    input: async (world, caller) => ({ id: (await world.apiKey(caller)).id }),
    foreign: async (world) => ({ id: (await world.apiKey(await world.someone('user'))).id }),
  },
}
