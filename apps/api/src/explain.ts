import {
  BackupError,
  DbConfigError,
  InvalidTextError,
  isUnavailable,
  MigrationError,
  PoolTimeoutError,
} from '@plinth/db'
import { ConfigError, readConfig } from './config.ts'

type Environment = Parameters<typeof readConfig>[0]

const KNOWN = [BackupError, ConfigError, DbConfigError, InvalidTextError, MigrationError]

// The address without its user and password.
const databaseAt = (env: Environment): string => {
  const { url } = readConfig(env).database
  return URL.canParse(url) && new URL(url).host ? new URL(url).host : url
}

const reasonOf = (error: Error): string =>
  error.cause instanceof Error ? error.cause.message : error.message

type Words = (error: Error, env: Environment) => string | null

const unavailable: Words = (error, env) =>
  isUnavailable(error)
    ? `The database at ${databaseAt(env)} does not answer: start it, or set DATABASE_URL. (${reasonOf(error)})`
    : null

const held: Words = (error) =>
  error instanceof PoolTimeoutError
    ? `${error.message}: stop what holds the database, or set PLINTH_DATABASE_POOL_ACQUIRE_TIMEOUT_MS higher`
    : null

const taken: Words = (error) =>
  'code' in error && error.code === 'EADDRINUSE'
    ? `${error.message}: stop the process that listens there, or set another port`
    : null

const ours: Words = (error) => (KNOWN.some((known) => error instanceof known) ? error.message : null)

/**
 * What a process says before it ends: for what somebody at a terminal can mend, what happened and what to do; for
 * anything else the place in the code too.
 */
export const explain = (error: unknown, env: Environment): string => {
  if (!(error instanceof Error)) return String(error)
  const known = [unavailable, held, taken, ours]
    .map((words) => words(error, env))
    .find((words) => words !== null)
  return known ?? error.stack ?? error.message
}
