import { PoolTimeoutError, UnavailableError } from '../../errors.ts'

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EPIPE',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
])
// Connection failures, the server shutting down or starting, and no connection slot left.
const SERVER = /^(?:08...|57P0[123]|53300)$/
const DRIVER = /^(?:Connection terminated|Client has encountered a connection error|Client was closed)/

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Whether the connection itself is gone, and not just a statement refused. */
export const isLost = (error: unknown): boolean =>
  error instanceof UnavailableError ||
  NETWORK.has(codeOf(error)) ||
  SERVER.test(codeOf(error)) ||
  (error instanceof Error && DRIVER.test(error.message))

// The server has no room left, on its disk or in its memory, or its disk fails. The connection is sound.
const ROOM = /^(?:53[12]00|58030)$/

/** Replaces what the driver says about connections and the server's disk by the errors of this package. */
export const translate = (error: unknown): unknown => {
  if (error instanceof Error && error.message === 'timeout exceeded when trying to connect')
    return new PoolTimeoutError('no connection came free in time', { cause: error })
  if (error instanceof UnavailableError || !(isLost(error) || ROOM.test(codeOf(error)))) return error
  return new UnavailableError('the database is not available', { cause: error })
}

/** A plan kept under a name no longer fits, because the schema has changed under it. */
export const isStalePlan = (error: unknown): boolean =>
  error instanceof Error && codeOf(error) === '0A000' && error.message.startsWith('cached plan')

/** Serialization failure, deadlock, or a stale plan: the transaction may succeed when run again. */
export const isRetryable = (error: unknown): boolean =>
  codeOf(error) === '40001' ||
  codeOf(error) === '40P01' ||
  isStalePlan(error) ||
  (error instanceof Error && error.cause !== undefined && isRetryable(error.cause))
