import type { Operation } from '@trpc/client'
import type { CallError } from './errors.ts'
import { notRepeatable } from './not-repeatable.generated.ts'
import { contextOf } from './trace.ts'

/** How calls are made again after a failure that passes: a lost connection, 429, 502, 503 or 504. */
export interface RetryOptions {
  /** How often a call is tried in all; 4 when left out, and 1 for never again. */
  readonly tries?: number
  /** The first wait is a random part of this, and each further one of twice as much; 200 when left out. */
  readonly baseMs?: number
  /** The longest random wait; 5000 when left out. */
  readonly maxMs?: number
  /** The longest `Retry-After` that is waited for; where the server asks for more the call fails. 30 000 when left out. */
  readonly maxRetryAfterMs?: number
  /**
   * Mutations that are never made again, beside those of the contract that are not idempotent, by name; those of a call
   * beside those of its client.
   */
  readonly never?: readonly string[]
}

/** How a lost stream is connected again. */
export type ReconnectOptions = Pick<RetryOptions, 'tries' | 'baseMs' | 'maxMs'>

const DEFAULTS = { tries: 4, baseMs: 200, maxMs: 5000, maxRetryAfterMs: 30_000 }
const PASSING: ReadonlySet<number | null> = new Set([429, 502, 503, 504])

/** Whether a failure may be over when the call is made again. */
export const isPassing = ({ reason, status, data }: CallError): boolean =>
  reason === 'network' || PASSING.has(status) || data?.code === 'IDEMPOTENCY_IN_PROGRESS'

/**
 * Whether doing it twice does no harm: a query, or a mutation whose key the server knows again. Not a file that goes
 * up, for its bytes may be many and their source may be spent.
 */
const isRepeatable = ({ type, path, input }: Operation, never: readonly string[]): boolean =>
  type === 'query' || !(input instanceof FormData || notRepeatable.includes(path) || never.includes(path))

/** A wait before try `tries + 1`: exponential with full jitter, so that clients that failed together part. */
export const jitter = (tries: number, { baseMs, maxMs }: { baseMs: number; maxMs: number }): number =>
  Math.random() * Math.min(maxMs, baseMs * 2 ** (tries - 1))

/** What `Retry-After` asks for, in seconds or as a date, in milliseconds; null where it says nothing. */
export const retryAfterMs = (headers: Headers | undefined): number | null => {
  const text = headers?.get('retry-after')
  if (!text) return null
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}

/** Tells how long to wait before a failed call is made again, or null when it is not. */
export type WaitBefore = (error: CallError, tries: number, headers: Headers | undefined) => number | null

/** What was said of options: one that is undefined is left out, and keeps its default. */
export const said = <Options extends object>(options: Options | false | undefined): Partial<Options> =>
  Object.fromEntries(
    Object.entries(options || {}).filter(([, value]) => value !== undefined),
  ) as Partial<Options>

/** What holds for one call: its own wishes before those of the client, and what is not safe never. */
export const retriesOf = (op: Operation, shared: RetryOptions | false | undefined): WaitBefore => {
  const own = contextOf(op).retry
  const wish = own ?? shared
  if (wish === false) return () => null
  const wishes = [said(shared), said(own)] as const
  const options = { ...DEFAULTS, ...wishes[0], ...wishes[1] }
  const never = wishes.flatMap((each) => each.never ?? [])
  if (!isRepeatable(op, never)) return () => null
  return (error, tries, headers) => {
    if (tries >= options.tries || !isPassing(error)) return null
    const asked = retryAfterMs(headers)
    if (asked === null) return jitter(tries, options)
    // Jitter on top: all who were sent away at once would come back at once.
    return asked > options.maxRetryAfterMs ? null : asked + jitter(1, options)
  }
}

/** Waits; ends early, with the reason, when the signal is aborted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end)
      resolve()
    }, ms)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
