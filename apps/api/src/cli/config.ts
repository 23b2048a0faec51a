import { readConfig } from '../config.ts'
import type { Settings } from '../settings.ts'
import type { Command } from './command.ts'

const SECRET = new Set(['secret', 'previousSecrets', 'metricsToken', 'token', 'webhook', 'headers'])

/** What is in force, for people to read: secrets and passwords in addresses are masked. */
const masked = (settings: Settings): string =>
  JSON.stringify(
    settings,
    (key, value: unknown) => {
      if (SECRET.has(key)) return '[masked]'
      return typeof value === 'string' ? value.replace(/(:\/\/[^:/@]+:)[^@]+@/, '$1[masked]@') : value
    },
    2,
  )

/** Prints the settings. */
export const configCommand: Command = {
  usage: 'config',
  does: 'prints the settings in force, secrets masked',
  run: async (_, { env, print }) => print(masked(readConfig(env))),
}
