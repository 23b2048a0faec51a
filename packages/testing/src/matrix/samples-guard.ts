import type { Contract } from '@plinth/contract'
import type { TestActor } from '../test-app.ts'
import type { Samples } from './sample.ts'
import type { World } from './world.ts'

type Guarded = Pick<Contract['core'], 'addressRules' | 'bans' | 'reputations' | 'requests'>

/** How each procedure of request defence is called well. */
export const guardSamples: Samples<Guarded, World, TestActor> = {
  addressRules: {
    list: { input: () => ({ limit: 5, effect: 'deny' as const, routes: '*' }) },
    get: { input: async (world) => ({ id: await world.addressRule() }) },
    create: {
      input: (world) => ({
        effect: 'allow' as const,
        routes: 'commerce.nowhere',
        range: '203.0.113.7',
        reason: world.unique(),
        expiresAt: '2099-11-21T09:30:00.000Z',
      }),
      restless: true,
    },
    delete: { input: async (world) => ({ id: await world.addressRule() }) },
  },
  bans: {
    list: { input: () => ({ limit: 5, address: '203.0.113.7', active: true }) },
    get: { input: async (world) => ({ id: await world.ban() }) },
    create: {
      input: (world) => ({ address: '203.0.113.8', minutes: 10, reason: world.unique() }),
      restless: true,
    },
    lift: { input: async (world) => ({ id: await world.ban() }) },
  },
  reputations: {
    list: { input: () => ({ limit: 5 }) },
    get: { input: () => ({ address: '203.0.113.7' }) },
  },
  requests: {
    list: {
      input: (_, { account }) => ({
        limit: 5,
        address: '203.0.113.7',
        userId: account.id,
        route: 'core.sessions.login',
        fingerprint: '5d41402abc4b2a76b9719d91',
        status: { gte: 400 },
        at: { lte: account.createdAt },
      }),
    },
  },
}
