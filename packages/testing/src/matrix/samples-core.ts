import type { Contract } from '@plinth/contract'
import type { TestActor } from '../test-app.ts'
import type { Samples } from './sample.ts'
import { apiKeySamples } from './samples-api-keys.ts'
import { factorSamples } from './samples-factors.ts'
import { guardSamples } from './samples-guard.ts'
import { identitySamples } from './samples-identities.ts'
import { passwordSamples } from './samples-passwords.ts'
import { merchantSamples, organizerSamples } from './samples-portals.ts'
import { deviceSamples, roleSamples, userSamples } from './samples-users.ts'
import { RECEIVER, type World } from './world.ts'

const PASSWORD = 'correct horse battery'

/** How each procedure of identity, audit and the running process is called well. */
export const coreSamples: Samples<Contract['core'], World, TestActor> = {
  ...factorSamples,
  identities: identitySamples,
  accounts: {
    register: {
      input: (world) => ({
        email: `${world.unique().replace(' ', '-')}@example.com`,
        password: PASSWORD,
        name: 'Ada Byron',
        locale: 'en-GB',
        timeZone: 'Europe/London',
      }),
    },
    verify: { input: async (world) => ({ token: await world.verificationToken() }) },
    resendVerification: { input: () => undefined, caller: (world, role) => world.newcomer(role) },
    get: { input: () => undefined },
    update: {
      input: () => ({ name: 'Ada Lovelace', phone: '+442012345678', locale: 'en', timeZone: 'UTC' }),
    },
    changeEmail: {
      input: (world) => ({ email: `${world.unique().replace(' ', '-')}@example.com` }),
      caller: (world, role) => world.someone(role),
    },
    confirmEmail: { input: async (world) => ({ token: await world.emailToken() }) },
    delete: { input: () => undefined, caller: (world, role) => world.someone(role), endsLogin: true },
    changePassword: {
      input: (_, { password }) => ({ currentPassword: password, newPassword: 'even longer horse battery' }),
      caller: (world, role) => world.someone(role),
    },
  },
  access: {
    explain: {
      input: async (world) => ({
        userId: (await world.someone('user')).account.id,
        procedure: 'commerce.products.create',
      }),
    },
  },
  devices: deviceSamples,
  organizers: organizerSamples,
  merchants: merchantSamples,
  roles: roleSamples,
  users: userSamples,
  apiKeys: apiKeySamples,
  ...guardSamples,
  auditEntries: {
    list: {
      input: (_, { account }) => ({
        limit: 5,
        actorId: account.id,
        action: 'core.sessions.login',
        at: { lte: account.createdAt },
      }),
    },
  },
  failures: { list: { input: () => ({ limit: 5 }) } },
  jobs: {
    list: { input: () => ({ limit: 5, state: 'dead' as const }) },
    get: { input: async (world) => ({ id: await world.deadJob() }) },
    redrive: { input: async (world) => ({ id: await world.deadJob() }) },
  },
  schedules: {
    list: { input: () => undefined },
    runs: { input: () => ({ limit: 5, name: 'purge-outbox' }) },
  },
  logLevels: {
    list: { input: () => undefined },
    set: { input: () => ({ module: 'all', level: 'info' as const }) },
  },
  ...passwordSamples,
  statements: { list: { input: () => ({ limit: 5 }), restless: true } },
  webhooks: {
    list: { input: () => ({ limit: 5 }) },
    get: { input: async (world) => ({ id: await world.webhook() }) },
    create: {
      input: (world) => ({
        url: RECEIVER,
        description: world.unique(),
        events: ['webhooks.tested' as const],
        enabled: true,
      }),
      restless: true,
    },
    update: {
      input: async (world) => ({
        id: await world.webhook(),
        url: RECEIVER,
        description: world.unique(),
        events: ['accounts.verified' as const],
        enabled: false,
      }),
    },
    delete: { input: async (world) => ({ id: await world.webhook() }) },
    rotateSecret: { input: async (world) => ({ id: await world.webhook() }), restless: true },
    test: { input: async (world) => ({ id: await world.webhook() }) },
  },
  webhookDeliveries: {
    list: { input: async (world) => ({ limit: 5, webhookId: (await world.delivery()).webhookId }) },
    get: { input: async (world) => ({ id: (await world.delivery()).id }) },
    redeliver: { input: async (world) => ({ id: (await world.delivery()).id }) },
  },
  sessions: {
    login: {
      async input(world) {
        const { email, password } = await world.someone('user')
        return { email, password, transport: 'bearer' as const, deviceName: world.unique() }
      },
    },
    prove: {
      input: (_, { password }) => ({ password }),
      caller: (world, role) => world.someone(role),
    },
    refresh: { input: async (world) => ({ refreshToken: (await world.someone('user')).refreshToken }) },
    deleteAll: {
      input: () => ({ keepCurrent: false }),
      caller: (world, role) => world.someone(role),
      endsLogin: true,
    },
    logout: { input: () => undefined, caller: (world, role) => world.someone(role), endsLogin: true },
    list: { input: () => ({ limit: 5 }) },
    delete: {
      input: async (world, caller) => ({ id: await world.otherLogin(caller) }),
      foreign: async (world) => ({ id: await world.otherLogin(await world.someone('user')) }),
    },
  },
}
