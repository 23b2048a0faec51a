import type { Contract } from '@plinth/contract'
import type { TestActor } from '../test-app.ts'
import type { Samples } from './sample.ts'
import type { World } from './world.ts'
import { PAGE } from './world-factors.ts'

const begin = {
  provider: 'google' as const,
  redirectUrl: `${PAGE}/sign-in/google/callback`,
  returnTo: '/orders?page=2',
  transport: 'bearer' as const,
}

/** How people sign in with providers well. */
export const identitySamples: Samples<Contract['core']['identities'], World, TestActor> = {
  listProviders: { input: () => undefined },
  begin: { input: () => begin, restless: true },
  complete: { input: (world) => world.callback() },
  beginLink: { input: () => begin, restless: true },
  link: {
    input: (world, caller) => world.linkCallback(caller),
    caller: (world, role) => world.someone(role),
  },
  list: { input: () => ({ limit: 5 }) },
  delete: {
    input: async (world, caller) => ({ id: await world.identity(caller) }),
    caller: (world, role) => world.someone(role),
    foreign: async (world) => ({ id: await world.identity(await world.someone('user')) }),
  },
}
