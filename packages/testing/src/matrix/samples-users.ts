import type { Contract } from '@plinth/contract'
import type { TestActor } from '../test-app.ts'
import type { Samples } from './sample.ts'
import type { World } from './world.ts'

type Of<M extends keyof Contract['core']> = Samples<Contract['core'][M], World, TestActor>

const someoneElse = async (world: World) => ({ id: (await world.someone('user')).account.id })
const ownId = (_: World, { account }: TestActor) => ({ id: account.id })

/** How accounts are managed well. */
export const userSamples: Of<'users'> = {
  list: {
    input: async (world) => ({
      limit: 5,
      role: 'user',
      state: 'active' as const,
      portal: 'none' as const,
      q: (await world.someone('user')).email,
    }),
  },
  listDeleted: { input: () => ({ limit: 5 }) },
  // Of somebody whom nobody changes.
  get: { input: ownId, caller: (world, role) => world.someone(role), foreign: someoneElse },
  update: {
    input: (_, { account }) => ({
      id: account.id,
      name: 'Ada Lovelace',
      phone: '+442012345678',
      locale: 'en',
      timeZone: 'UTC',
    }),
    caller: (world, role) => world.someone(role),
    foreign: async (world) => ({ ...(await someoneElse(world)), name: 'Eve' }),
  },
  delete: {
    input: ownId,
    caller: (world, role) => world.someone(role),
    foreign: someoneElse,
    endsLogin: true,
  },
  restore: { input: async (world) => ({ id: await world.deletedUser() }) },
  setRole: { input: async (world) => ({ ...(await someoneElse(world)), role: 'support' }) },
  setGrants: {
    input: async (world) => ({ ...(await someoneElse(world)), permissions: ['jobs:read' as const] }),
  },
  disable: { input: async (world) => ({ ...(await someoneElse(world)), reason: 'Left the company' }) },
  enable: { input: async (world) => ({ id: await world.userInState('disabled') }) },
  ban: { input: async (world) => ({ ...(await someoneElse(world)), reason: 'Sold tickets twice' }) },
  unban: { input: async (world) => ({ id: await world.userInState('banned') }) },
  logout: { input: someoneElse },
  impersonate: {
    input: async (world) => ({ ...(await someoneElse(world)), reason: 'Look into ticket 4711', minutes: 5 }),
  },
}

/** How roles are managed well. */
export const roleSamples: Of<'roles'> = {
  list: { input: () => ({ limit: 5 }) },
  get: { input: () => ({ name: 'support' }) },
  preview: {
    // Of a role that nobody else looks at.
    input: async (world) => ({
      name: await world.role(),
      parent: 'user',
      permissions: ['jobs:read' as const],
    }),
  },
  create: {
    input: (world) => ({
      name: world.unique().replace(' ', '_'),
      description: 'Reads jobs',
      parent: 'support',
      permissions: ['jobs:read' as const],
    }),
  },
  update: {
    input: async (world) => ({
      name: await world.role(),
      description: 'Reads jobs',
      parent: 'user',
      permissions: ['jobs:read' as const],
    }),
  },
  delete: { input: async (world) => ({ name: await world.role() }) },
}

/** How devices are managed well. */
export const deviceSamples: Of<'devices'> = {
  list: { input: () => ({ limit: 5 }) },
  update: {
    input: async (world, caller) => ({ id: await world.device(caller), name: 'Work laptop' }),
    foreign: async (world) => ({ id: await world.device(await world.someone('user')), name: 'Work laptop' }),
  },
  delete: {
    input: async (world, caller) => ({ id: await world.device(caller) }),
    foreign: async (world) => ({ id: await world.device(await world.someone('user')) }),
  },
}
