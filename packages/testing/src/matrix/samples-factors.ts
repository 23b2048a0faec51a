import type { Contract } from '@plinth/contract'
import type { TestActor } from '../test-app.ts'
import type { Samples } from './sample.ts'
import type { World } from './world.ts'

type FactorSamples = Samples<Pick<Contract['core'], 'secondFactors' | 'passkeys'>, World, TestActor>

/** How each procedure of second factors and passkeys is called well. */
export const factorSamples: FactorSamples = {
  secondFactors: {
    get: { input: () => undefined },
    enrolTotp: {
      input: () => undefined,
      caller: (world, role) => world.someone(role),
      restless: true,
    },
    confirmTotp: {
      input: (world, caller) => ({ code: world.code(caller) }),
      caller: (world, role) => world.enrolling(role),
      restless: true,
    },
    disableTotp: {
      input: (world, caller) => ({ secondFactor: { code: world.code(caller) } }),
      caller: (world, role) => world.withTotp(role),
    },
    renewRecoveryCodes: {
      input: () => undefined,
      caller: (world, role) => world.withTotp(role),
      restless: true,
    },
  },
  passkeys: {
    list: { input: () => ({ limit: 5 }) },
    registrationOptions: {
      input: () => undefined,
      caller: (world, role) => world.someone(role),
      restless: true,
    },
    register: {
      input: async (world, caller) => ({ credential: await world.newPasskey(caller), name: 'Phone' }),
      caller: (world, role) => world.someone(role),
    },
    update: {
      input: async (world, caller) => ({ id: await world.passkey(caller), name: 'Old phone' }),
      foreign: async (world) => ({ id: await world.passkey(await world.someone('user')), name: 'Old phone' }),
      caller: (world, role) => world.someone(role),
    },
    delete: {
      input: async (world, caller) => ({ id: await world.passkey(caller) }),
      foreign: async (world) => ({ id: await world.passkey(await world.someone('user')) }),
      caller: (world, role) => world.someone(role),
    },
    signInOptions: { input: () => undefined, restless: true },
    signIn: {
      // From a device that is new, as hostile calls may say too.
      input: async (world) => ({
        credential: await world.signedByPasskey(),
        transport: 'bearer' as const,
        deviceName: world.unique(),
      }),
    },
    proofOptions: { input: () => undefined, restless: true },
  },
}
