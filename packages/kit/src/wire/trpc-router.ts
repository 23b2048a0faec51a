import type { CommonErrorCode, ErrorShape } from '@plinth/contract'
import {
  type AnyTRPCRouter,
  initTRPC,
  type TRPC_ERROR_CODE_KEY,
  TRPCError,
  type TRPCRouterRecord,
  type TrackedEnvelope,
  tracked,
} from '@trpc/server'
import type { Exchange } from '../exchange.ts'
import { common, Failure, toTrpcError } from '../failure.ts'
import type { Call, Prepared } from '../pipeline.ts'
import { prepareOutput } from '../policies/output.ts'
import type { Service } from '../service.ts'
import { prepareJudge } from './judge.ts'

/** What bounds the calls and subscriptions of one connection. */
export interface StreamBounds {
  /**
   * Counts a call for as long as it is at work.
   * @param index its place in the message; a subscription that is opened has none.
   * @throws {Failure} when it may not begin.
   */
  hold<T>(index: number | null, work: () => Promise<T>): Promise<T>
  /**
   * Takes a place for a subscription, and answers what gives it back.
   * @throws {Failure} when there are too many.
   */
  subscribe(): () => void
  /** Told of each value before it is sent. */
  sending(): void
}

/** The context of tRPC's own handlers: a fresh exchange for each call, as a connection may outlive its token. */
export interface StreamContext {
  readonly requestId: string
  /** Left out where the request as a whole is bounded, as over HTTP. */
  readonly bounds?: StreamBounds | undefined
  exchange(signal: AbortSignal | undefined): Exchange
}

const CODES: Partial<Record<TRPC_ERROR_CODE_KEY, CommonErrorCode>> = {
  NOT_FOUND: 'ROUTE_NOT_FOUND',
  METHOD_NOT_SUPPORTED: 'METHOD_NOT_ALLOWED',
  BAD_REQUEST: 'MALFORMED_REQUEST',
  PARSE_ERROR: 'MALFORMED_REQUEST',
  UNSUPPORTED_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  PAYLOAD_TOO_LARGE: 'TOO_LARGE',
}

const t = initTRPC.context<StreamContext>().create({
  // A comment line now and then keeps proxies from closing an event stream that is quiet.
  sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 45_000 } },
  errorFormatter: ({ error, path, ctx }): ErrorShape => {
    const failure = error.cause instanceof Failure ? error.cause : common(CODES[error.code] ?? 'INTERNAL')
    return toTrpcError(failure, ctx?.requestId ?? '', path)
  },
})

const toTrpc = (failure: Failure): TRPCError =>
  new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: failure.message, cause: failure })

interface Raw {
  readonly ctx: StreamContext
  readonly signal: AbortSignal | undefined
  readonly batchIndex?: number
}

// The input is read by the procedure itself, for access and limits come before that.
const base = t.procedure.use(({ ctx, getRawInput, next }) => next({ ctx: { ...ctx, getRawInput } }))

/** The input as it came; what tRPC says of one that it could not read is the client's fault. */
const readRaw = async (getRawInput: () => Promise<unknown>): Promise<unknown> => {
  try {
    return await getRawInput()
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    const inner = cause instanceof Error ? cause.cause : undefined
    throw inner instanceof Failure ? inner : common('MALFORMED_REQUEST', { cause })
  }
}

const callOf = ({ ctx, signal, batchIndex = 0 }: Raw, getRawInput: () => Promise<unknown>): Call => ({
  exchange: ctx.exchange(signal),
  wire: 'stream',
  index: batchIndex,
  readInput: () => readRaw(getRawInput),
})

const told = async <R>(work: () => Promise<R>): Promise<R> => {
  try {
    return await work()
  } catch (error) {
    throw toTrpc(error instanceof Failure ? error : common('INTERNAL', { cause: error }))
  }
}

const subscriptionOf = (prepared: Prepared, service: Service) => {
  const judging = prepareJudge(prepared, service)
  const encode = prepareOutput(prepared.name, prepared.procedure.output)
  const decoded = (value: unknown): unknown => JSON.parse(encode(value))
  return base.subscription(async function* (options) {
    const { bounds, getRawInput } = options.ctx
    const call = callOf(options, getRawInput)
    const hold = bounds ? () => bounds.hold(null, () => prepared.open(call)) : () => prepared.open(call)
    const judge = judging(() => options.ctx.exchange(options.signal))
    let leave: (() => void) | undefined
    try {
      const values = (await told(() => {
        leave = bounds?.subscribe()
        return hold()
      })) as AsyncIterable<TrackedEnvelope<unknown>>
      for await (const [id, value] of values) {
        await told(async () => judge())
        bounds?.sending()
        yield tracked(id, decoded(value))
      }
    } finally {
      leave?.()
    }
  })
}

const procedureOf = (prepared: Prepared, service: Service) => {
  const { kind } = prepared.procedure
  if (kind === 'subscription') return subscriptionOf(prepared, service)
  const resolve = async (options: Raw & { ctx: { getRawInput: () => Promise<unknown> } }) => {
    const { bounds, getRawInput } = options.ctx
    const call = callOf(options, getRawInput)
    const work = () => prepared.call(call)
    const { json } = await told(() => (bounds ? bounds.hold(call.index, work) : work()))
    return JSON.parse(json) as unknown
  }
  return kind === 'mutation' || kind === 'upload' ? base.mutation(resolve) : base.query(resolve)
}

/** The same procedures as a tRPC router, for tRPC's own handlers: event streams, streamed batches, WebSocket. */
export const createTrpcRouter = (service: Service): AnyTRPCRouter => {
  const root: TRPCRouterRecord = {}
  for (const prepared of service.procedures.values()) {
    const parts = prepared.name.split('.')
    const last = parts.pop() ?? prepared.name
    let node = root
    for (const part of parts) {
      node[part] ??= {}
      node = node[part] as TRPCRouterRecord
    }
    node[last] = procedureOf(prepared, service)
  }
  return t.router(root)
}
