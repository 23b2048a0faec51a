import { adapterMigrations } from '@plinth/adapters'
import { commerce } from '@plinth/commerce'
import { contract } from '@plinth/contract'
import { core, coreMigrations, createAuthenticator } from '@plinth/core'
import type { Migrations } from '@plinth/db'
import { bind, kitMigrations } from '@plinth/kit'
import { publicUrlOf } from './settings.ts'
import type { Surface } from './surface.ts'

/** All of Plinth: every system bound to its part of the contract. */
export const plinth: Surface = ({ settings, db, clock, log, mailer }) => {
  const { sessions, passwordHash } = settings
  const webUrl = settings.webUrl ?? publicUrlOf(settings)
  const systems = {
    core: core({ clock, mailer, db, log, settings: { ...sessions, passwordHash, webUrl } }),
    commerce,
  }
  const implementations = { core: systems.core.implementations, commerce: systems.commerce.implementations }
  return {
    bound: bind(contract, implementations),
    subscribers: Object.values(systems).flatMap((system) => system.subscribers),
    purges: Object.values(systems).flatMap(({ purge }) => purge ?? []),
    authenticator: createAuthenticator({ db }),
  }
}

/** Every migration of every system, in the order of their names. */
export const allMigrations = (): Migrations => ({
  ...kitMigrations,
  ...adapterMigrations,
  ...coreMigrations,
  ...commerce.migrations,
})
