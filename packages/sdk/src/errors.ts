import type { AppRouter, ErrorCode, ErrorData, FieldError } from '@plinth/contract'
import { TRPCClientError } from '@trpc/client'
import { NetworkFailure, UnreadableAnswer } from './answers.ts'

/**
 * Why a call failed: `answer` the server refused it; `network` no answer came; `unreadable` somebody else answered,
 * such as a proxy; `timeout` and `abort` it was given up; `mismatch` the answer is not what the contract says;
 * `unsent` it never left.
 */
export type ErrorReason = 'answer' | 'network' | 'unreadable' | 'timeout' | 'abort' | 'mismatch' | 'unsent'

/** Any error that a call of the client throws. */
export type CallError = TRPCClientError<AppRouter> & {
  readonly reason: ErrorReason
  /** The id to quote in a report: the one of the answer, or else the one that was sent. */
  readonly requestId: string
  /** The HTTP status of the answer, or null where none came. */
  readonly status: number | null
}

/**
 * An error that the server answered: `error.data` has the `code`, the `httpStatus`, the `requestId` to quote in a
 * report and, for bad input, `errors` by field; `error.message` is a sentence for people.
 */
export type PlinthError<Code extends ErrorCode = ErrorCode> = CallError & {
  readonly data: ErrorData<Code>
}

/** The head of the answer that an error came with, where there was one. */
export const responseOf = ({
  meta,
  cause,
}: TRPCClientError<AppRouter>): Pick<Response, 'status' | 'headers'> | undefined =>
  cause instanceof UnreadableAnswer ? cause : (meta?.response as Response | undefined)

const reasonOf = (error: TRPCClientError<AppRouter>): ErrorReason => {
  if (error.data?.code) return 'answer'
  if (error.cause instanceof NetworkFailure) return 'network'
  return responseOf(error) ? 'unreadable' : 'unsent'
}

/** Completes an error with what every error of a call tells. */
export const toCallError = (
  cause: unknown,
  known: { requestId: string; reason?: ErrorReason },
): CallError => {
  const error = TRPCClientError.from<AppRouter>(cause instanceof Error ? cause : new Error(String(cause)))
  const response = responseOf(error)
  return Object.assign(error, {
    reason: known.reason ?? reasonOf(error),
    requestId: error.data?.requestId || response?.headers.get('x-request-id') || known.requestId,
    status: error.data?.httpStatus ?? response?.status ?? null,
  })
}

/** Whether a call of the client threw this, for one of the reasons where some are given. */
export const isCallError = (error: unknown, ...reasons: readonly ErrorReason[]): error is CallError => {
  // By name and shape rather than by class: an application may hold two copies of the class.
  if (!(error instanceof Error) || error.name !== 'TRPCClientError' || !('reason' in error)) return false
  return reasons.length === 0 || reasons.includes(error.reason as ErrorReason)
}

const dataOf = (error: unknown): ErrorData | null => {
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

const fieldsOf = (error: unknown): readonly FieldError[] => {
  const given = isCallError(error, 'mismatch')
    ? (error.cause as { errors?: readonly FieldError[] }).errors
    : null
  return given ?? dataOf(error)?.errors ?? []
}

/**
 * What was wrong with each field of the input, or of an answer that does not match the contract, by its path
 * (`address.zip`, `tags.0`); `''` stands for the whole. The first message of a field counts. Empty for every other error.
 */
export const fieldErrors = (error: unknown): Readonly<Record<string, string>> => {
  const found = new Map<string, string>()
  for (const { path, message } of fieldsOf(error)) if (!found.has(path)) found.set(path, message)
  return Object.fromEntries(found)
}
