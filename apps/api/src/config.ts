import { readFileSync } from 'node:fs'
import { innermost, shapeOf } from '@plinth/contract'
import { parse } from 'yaml'
import type { z } from 'zod'
import { passkeyFaults } from './settings/second-factors.ts'
import { socialFaults } from './settings/social.ts'
import { Settings, webUrlOf, wellKnown } from './settings.ts'

/** One setting: its path in the YAML file, its environment variable, and its schema. */
export interface Setting {
  readonly path: readonly string[]
  readonly variable: string
  readonly schema: z.ZodType
}

/** Thrown at start with every key that is wrong or unknown. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length} fault(s):\n${faults.map((fault) => `- ${fault}`).join('\n')}`,
    )
  }
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

/** Every setting there is, in the order of the schema. */
export function* settingsOf(schema: z.ZodType = Settings, path: readonly string[] = []): Generator<Setting> {
  const shape = shapeOf(schema)
  if (Object.keys(shape).length === 0) {
    const variable = wellKnown[path.join('.')] ?? `PLINTH_${path.map(snake).join('_')}`
    yield { path, variable, schema }
    return
  }
  for (const [key, inner] of Object.entries(shape)) yield* settingsOf(inner, [...path, key])
}

const fromText = (text: string, schema: z.ZodType): unknown => {
  const { type } = innermost(schema).def
  if (type === 'number') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (type === 'array' && text.startsWith('[')) return fromJson(text)
  if (type === 'array') return text === '' ? [] : text.split(',').map((part) => part.trim())
  if (type === 'record') return fromJson(text)
  return text
}

const fromJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the schema says what was expected, and the variable is named there.
    return text
  }
}

const place = (target: Record<string, unknown>, path: readonly string[], value: unknown): void => {
  const [key = '', ...rest] = path
  if (rest.length === 0) {
    target[key] = value
    return
  }
  const inner = target[key]
  const group: Record<string, unknown> = typeof inner === 'object' && inner !== null ? { ...inner } : {}
  place(group, rest, value)
  target[key] = group
}

const readFile = (path: string | undefined, faults: string[]): Record<string, unknown> => {
  if (path === undefined) return {}
  try {
    const content: unknown = parse(readFileSync(path, 'utf8')) ?? {}
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { ...content }
    faults.push(`${path}: must hold settings by name`)
  } catch (error) {
    faults.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return {}
}

const variableOf = (path: readonly PropertyKey[]): string => {
  const names = path.map(String)
  const exact = [...settingsOf()].find((setting) =>
    setting.path.every((part, index) => part === names[index]),
  )
  return exact ? ` (${exact.variable})` : ''
}

/** Stores that were asked for by name and are not there. */
const storeFaults = ({ redis, database, cache, limiter, bus, sessions }: Settings): string[] => {
  const faults: string[] = []
  for (const [name, { store }] of Object.entries({ cache, limiter, bus }))
    if (store === 'redis' && redis.url === undefined)
      faults.push(`${name}.store: redis needs redis.url (REDIS_URL)`)
  if (sessions.store === 'redis' && (sessions.redisUrl ?? redis.url) === undefined)
    faults.push('sessions.store: redis needs redis.url (REDIS_URL) or sessions.redisUrl')
  if (database.replicaUrl !== undefined && !database.url.startsWith('postgres'))
    faults.push('database.replicaUrl: needs a database.url (DATABASE_URL) of Postgres')
  if (bus.store === 'postgres' && !database.url.startsWith('postgres'))
    faults.push('bus.store: postgres needs a database.url (DATABASE_URL) of Postgres')
  return faults
}

const productionFaults = (settings: Settings): string[] => {
  if (settings.env !== 'production') return []
  return [
    ...(settings.secret ? [] : ['secret (PLINTH_SECRET): is needed in production, at least 32 characters']),
    ...(settings.webhooks.http ? ['webhooks.http (PLINTH_WEBHOOKS_HTTP): must be off in production'] : []),
    ...socialFaults(settings.social),
  ]
}

const faultsIn = (settings: Settings): string[] => [
  ...productionFaults(settings),
  ...storeFaults(settings),
  ...passkeyFaults(settings, webUrlOf(settings)),
]

/**
 * Reads the configuration: the YAML file that PLINTH_CONFIG names, then the environment over it.
 * @throws {ConfigError} naming every key that is wrong or unknown.
 */
export const readConfig = (env: Readonly<Record<string, string | undefined>>): Settings => {
  const faults: string[] = []
  const raw = readFile(env.PLINTH_CONFIG, faults)
  const known = new Set(['PLINTH_CONFIG'])
  for (const { path, variable, schema } of settingsOf()) {
    known.add(variable)
    const text = env[variable]
    if (text !== undefined) place(raw, path, fromText(text, schema))
  }
  for (const name of Object.keys(env))
    if (name.startsWith('PLINTH_') && !known.has(name)) faults.push(`${name}: is not a setting`)
  const result = Settings.safeParse(raw)
  for (const issue of result.error?.issues ?? []) {
    const path = issue.path.map(String).join('.')
    if (issue.code === 'unrecognized_keys')
      faults.push(...issue.keys.map((key) => `${path ? `${path}.` : ''}${key}: is not a setting`))
    else faults.push(`${path}${variableOf(issue.path)}: ${issue.message}`)
  }
  if (result.success) faults.push(...faultsIn(result.data))
  if (faults.length > 0 || !result.success) throw new ConfigError(faults)
  return result.data
}
