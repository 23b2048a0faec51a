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

/** The context of tRPC's own handlers: a fresh exchange for each call, as a connection may outlive its token. */
export interface StreamContext {
  readonly requestId: string
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

const callOf = (ctx: StreamContext, input: unknown, signal: AbortSignal | undefined): Call => {
  const exchange = ctx.exchange(signal)
  return { exchange, wire: 'stream', index: 0, readInput: () => input }
}

const told = async <R>(work: () => Promise<R>): Promise<R> => {
  try {
    return await work()
  } catch (error) {
    throw toTrpc(error instanceof Failure ? error : common('INTERNAL', { cause: error }))
  }
}

const subscriptionOf = (prepared: Prepared) => {
  const encode = prepareOutput(prepared.name, prepared.procedure.output)
  const decoded = (value: unknown): unknown => JSON.parse(encode(value))
  return t.procedure
    .input((input: unknown) => input)
    .subscription(async function* ({ ctx, input, signal }) {
      const call = callOf(ctx, input, signal)
      const values = (await told(() => prepared.open(call))) as AsyncIterable<TrackedEnvelope<unknown>>
      for await (const [id, value] of values) yield tracked(id, decoded(value))
    })
}

const procedureOf = (prepared: Prepared) => {
  const { kind } = prepared.procedure
  if (kind === 'subscription') return subscriptionOf(prepared)
  const base = t.procedure.input((input: unknown) => input)
  const resolve = async (options: {
    ctx: StreamContext
    input: unknown
    signal: AbortSignal | undefined
  }) => {
    const call = callOf(options.ctx, options.input, options.signal)
    const { json } = await told(() => prepared.call(call))
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
    node[last] = procedureOf(prepared)
  }
  return t.router(root)
}
