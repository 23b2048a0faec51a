import { adapterInvariants, adapterMigrations } from '@plinth/adapters'
import { commerce } from '@plinth/commerce'
import { contract } from '@plinth/contract'
import {
  core,
  coreInvariants,
  coreMigrations,
  createAuthenticator,
  createKeyAuthenticator,
} from '@plinth/core'
import type { Migrations } from '@plinth/db'
import { bind, type Invariant, kitInvariants, kitMigrations } from '@plinth/kit'
import { passkeysOf, secondFactorsOf } from './settings/second-factors.ts'
import { socialOf } from './settings/social.ts'
import { isSecure, webUrlOf } from './settings.ts'
import type { Surface } from './surface.ts'

/** All of Plinth: every system bound to its part of the contract. */
export const plinth: Surface = ({ settings, ...parts }) => {
  const { sessions, passwordHash, webhooks, lockout, otp, accounts, passwords, keys, guard } = settings
  const webUrl = webUrlOf(settings)
  const factors = { secondFactors: secondFactorsOf(settings), passkeys: passkeysOf(settings, webUrl) }
  const identity = { ...sessions, ...factors, passwordHash, lockout, otp, accounts, passwords, keys }
  const systems = {
    core: core({
      ...parts,
      settings: {
        ...identity,
        social: socialOf(settings.social, webUrl),
        webUrl,
        webhooks,
        guard,
        secure: isSecure(settings),
      },
    }),
    commerce,
  }
  const implementations = { core: systems.core.implementations, commerce: systems.commerce.implementations }
  return {
    bound: bind(contract, implementations),
    subscribers: Object.values(systems).flatMap((system) => system.subscribers),
    followers: Object.values(systems).flatMap(({ followers }) => followers ?? []),
    invariants: allInvariants(),
    tasks: Object.values(systems).flatMap(({ tasks }) => tasks ?? []),
    authenticator: createAuthenticator(parts.logins, createKeyAuthenticator({ ...parts, settings: keys })),
    guard: systems.core.guard,
  }
}

/** Every migration of every system, in the order of their names. */
export const allMigrations = (): Migrations => ({
  ...kitMigrations,
  ...adapterMigrations,
  ...coreMigrations,
  ...commerce.migrations,
})

/** Everything that must hold in a database of ours. */
export const allInvariants = (): readonly Invariant[] => [
  ...kitInvariants,
  ...adapterInvariants,
  ...coreInvariants,
  ...commerce.invariants,
]
