import type { AppRouter, ErrorCode, ErrorData } from '@plinth/contract'
import type { TRPCClientError } from '@trpc/client'

/**
 * An error that the server answered: `error.data` has the `code`, the `httpStatus`, the `requestId` to quote in a
 * report and, for bad input, `errors` by field; `error.message` is a sentence for people.
 */
export type PlinthError<Code extends ErrorCode = ErrorCode> = TRPCClientError<AppRouter> & {
  readonly data: ErrorData<Code>
}

const dataOf = (error: unknown): ErrorData | null => {
  // By name and shape rather than by class: an application may hold two copies of the class.
  if (!(error instanceof Error) || error.name !== 'TRPCClientError' || !('data' in error)) return null
  const data = error.data as Partial<ErrorData> | null | undefined
  return typeof data?.code === 'string' && typeof data.requestId === 'string' ? (data as ErrorData) : null
}

/**
 * Whether the server answered this error, with one of the codes where some are given:
 * `if (isPlinthError(error, 'ALREADY_VERIFIED')) …`. False for a network that failed and for a call that was aborted.
 */
export const isPlinthError = <const Code extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is PlinthError<Code> => {
  const data = dataOf(error)
  return data !== null && (codes.length === 0 || (codes as readonly string[]).includes(data.code))
}

/**
 * What was wrong with each field of the input, by its path (`address.zip`, `tags.0`); `''` stands for the input as
 * a whole. The first message of a field counts. Empty for every other error.
 */
export const fieldErrors = (error: unknown): Readonly<Record<string, string>> => {
  const found = new Map<string, string>()
  for (const { path, message } of dataOf(error)?.errors ?? []) if (!found.has(path)) found.set(path, message)
  return Object.fromEntries(found)
}
