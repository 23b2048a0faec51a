import { readConfig } from '../src/config.ts'

/** What the configuration says is wrong with an environment; empty when nothing is. */
export const faults = (env: Readonly<Record<string, string>>): string => {
  try {
    readConfig(env)
  } catch (error) {
    return String(error)
  }
  return ''
}
