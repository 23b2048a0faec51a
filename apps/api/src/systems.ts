import { adapterMigrations } from '@plinth/adapters'
import { commerce } from '@plinth/commerce'
import { type ContractRecord, contract } from '@plinth/contract'
import { core, coreMigrations, createAuthenticator } from '@plinth/core'
import type { Database, Migrations } from '@plinth/db'
import {
  type Authenticator,
  type Clock,
  type Implementations,
  type KitTables,
  kitMigrations,
  type Log,
  type Mailer,
  type Subscriber,
} from '@plinth/kit'
import { publicUrlOf, type Settings } from './settings.ts'

/** What systems are made from. */
export interface Parts {
  readonly settings: Settings
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly log: Log
  readonly mailer: Mailer
}

/** A contract with what answers it. */
export interface Served {
  readonly contract: ContractRecord
  readonly implementations: Implementations<ContractRecord>
  readonly subscribers: readonly Subscriber[]
  readonly authenticator: Authenticator
}

/** Makes what a server serves from its parts. */
export type Surface = (parts: Parts) => Served

/** All of Plinth: every system bound to its part of the contract. */
export const plinth: Surface = ({ settings, db, clock, mailer }) => {
  const { sessions, passwordHash } = settings
  const webUrl = settings.webUrl ?? publicUrlOf(settings)
  const systems = {
    core: core({ clock, mailer, db, settings: { ...sessions, passwordHash, webUrl } }),
    commerce,
  }
  const implementations: Implementations<typeof contract> = {
    core: systems.core.implementations,
    commerce: systems.commerce.implementations,
  }
  return {
    contract,
    implementations,
    subscribers: Object.values(systems).flatMap((system) => system.subscribers),
    authenticator: createAuthenticator({ db, clock }),
  }
}

/** Every migration of every system, in the order of their names. */
export const allMigrations = (): Migrations => ({
  ...kitMigrations,
  ...adapterMigrations,
  ...coreMigrations,
  ...commerce.migrations,
})
