import type { Operation } from '@trpc/client'
import type { ErrorReason } from './errors.ts'
import type { Fetch } from './fetch.ts'
import type { RetryOptions } from './retries.ts'

/** Where the server is and how it is reached, for bytes that are no call. */
export interface Connection {
  readonly url: string
  readonly fetch: Fetch
}

/** How much of a file is on its way; `total` is null where it is not known. */
export interface Progress {
  readonly loaded: number
  readonly total: number | null
}

/** What may be said of one call, as `{ context: { timeoutMs: 500 } satisfies CallContext }`. */
export interface CallContext {
  /** In place of the key that a mutation is given by itself. */
  readonly idempotencyKey?: string
  /** How long the call may take with all its tries; `Infinity` for as long as it likes. */
  readonly timeoutMs?: number
  /** How this call is tried again; `false` for not at all. */
  readonly retry?: RetryOptions | false
}

/** What the client itself notes of one call on its way through the links. */
export interface Trace {
  requestId: string
  /** Set where the reason of a failure can't be told from the failure. */
  reason?: ErrorReason
}

/** The context of a call inside of the client. */
export interface InnerContext extends CallContext {
  readonly trace?: Trace
  readonly onConnection?: (connection: Connection) => void
  readonly onProgress?: (progress: Progress) => void
}

/** The context of a call, as what the client knows it to be. */
export const contextOf = (op: Operation): InnerContext => op.context

/** Text that nobody guesses and that is not made twice. */
export const randomKey = (): string => {
  // Not randomUUID: browsers have that on https pages only.
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Adds the request id to headers, unless they have one, and notes it for the calls that they are sent with. */
export const traced = (
  ops: readonly Operation[],
  headers: Readonly<Record<string, string>>,
): Record<string, string> => {
  const traces = ops.flatMap((op) => contextOf(op).trace ?? [])
  const requestId = headers['x-request-id'] ?? traces[0]?.requestId ?? randomKey()
  for (const trace of traces) trace.requestId = requestId
  return { ...headers, 'x-request-id': requestId }
}
