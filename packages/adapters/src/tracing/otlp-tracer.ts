import { AsyncLocalStorage } from 'node:async_hooks'
import type { Span as ApiSpan, Context, SpanContext } from '@opentelemetry/api'
import type { EndedSpan, Span, SpanAttributes, SpanPlan, Tracer } from '@plinth/kit'
import { createSpanQueue, type SpanQueueSettings, type SpanResult } from './span-queue.ts'
import { readTraceparent, writeTraceparent } from './traceparent.ts'

/** Where spans go and which are kept. */
export interface OtlpSettings extends SpanQueueSettings {
  /** The collector's address for traces over OTLP/HTTP. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The name that the server goes by in traces. */
  readonly service: string
  /** Which share of the traces that begin here is kept, from 0 to 1. */
  readonly ratio: number
  /** Longest time of one export with all its tries, in milliseconds. */
  readonly timeoutMs: number
}

interface OtlpDeps {
  readonly count: (result: SpanResult, spans: number) => void
}

/** The span at work and the context of its children. */
interface Place {
  readonly span: Span
  readonly context: Context
  readonly isRecording: boolean
  /** What makes the time of day of the clock that never jumps; one for all spans of a trace in this process. */
  readonly offset: number
}

const MOST_CHARACTERS = 4000

const loadApi = async () => {
  const [api, { TraceState }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
  ])
  return { ...api, TraceState }
}
type Api = Awaited<ReturnType<typeof loadApi>>

const makeProvider = async (settings: OtlpSettings, deps: Parameters<typeof createSpanQueue>[1]) => {
  const [{ ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider }, { resourceFromAttributes }] =
    await Promise.all([import('@opentelemetry/sdk-trace'), import('@opentelemetry/resources')])
  return new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': settings.service }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.ratio) }),
    spanLimits: { attributeValueLengthLimit: MOST_CHARACTERS },
    spanProcessors: [createSpanQueue(settings, deps)],
  })
}

// Of an error its code or its class: a message may quote what somebody wrote.
const errorType = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

const attributesOf = (attributes: SpanAttributes = {}) => attributes

/** The context that a span is begun in: that of its parent, where there is one. */
const contextFor = (api: Api, { parent, state }: SpanPlan, here: Place | undefined): Context => {
  const { ROOT_CONTEXT, trace, TraceState } = api
  if (parent === undefined) return here?.context ?? ROOT_CONTEXT
  const remote = parent === null ? undefined : readTraceparent(parent)
  if (!remote) return ROOT_CONTEXT
  const context: SpanContext = state ? { ...remote, traceState: new TraceState(state) } : remote
  return trace.setSpanContext(ROOT_CONTEXT, context)
}

class OtlpSpan implements Span {
  readonly #span: ApiSpan
  readonly #error: number
  readonly traceparent: string

  constructor(span: ApiSpan, error: number) {
    this.#span = span
    this.#error = error
    this.traceparent = writeTraceparent(span.spanContext())
  }

  get traceId(): string {
    return this.#span.spanContext().traceId
  }
  get headers(): Readonly<Record<string, string>> {
    const state = this.#span.spanContext().traceState?.serialize()
    return { traceparent: this.traceparent, ...(state && { tracestate: state }) }
  }
  rename(name: string): void {
    this.#span.updateName(name)
  }
  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributesOf(attributes))
  }
  fail(error?: unknown): void {
    this.#span.setStatus({ code: this.#error })
    if (error !== undefined) this.#span.setAttribute('error.type', errorType(error))
  }
}

/**
 * Traces with OpenTelemetry, sent as OTLP over HTTP. The library is loaded here, and nothing of it is made global: who
 * is at work is kept in a store of our own.
 */
export const createOtlpTracer = async (settings: OtlpSettings, { count }: OtlpDeps): Promise<Tracer> => {
  const api = await loadApi()
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http')
  const { url, headers, timeoutMs } = settings
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: timeoutMs })
  const store = new AsyncLocalStorage<Place>()
  const detached = (work: () => void): void => store.exit(work)
  const provider = await makeProvider(settings, { exporter, count, detached })
  const tracer = provider.getTracer('plinth')
  const { SpanKind, SpanStatusCode, trace } = api
  const kinds = {
    internal: SpanKind.INTERNAL,
    server: SpanKind.SERVER,
    client: SpanKind.CLIENT,
    producer: SpanKind.PRODUCER,
    consumer: SpanKind.CONSUMER,
  }
  const begin = (plan: SpanPlan, here: Place | undefined, startTime: number) => {
    const context = contextFor(api, plan, here)
    const { name, kind = 'internal', attributes } = plan
    const options = { kind: kinds[kind], attributes: attributesOf(attributes), startTime }
    return { context, span: tracer.startSpan(name, options, context) }
  }
  const offsetOf = (here: Place | undefined): number => here?.offset ?? Date.now() - performance.now()

  return {
    async span(plan, work) {
      const here = plan.parent === undefined ? store.getStore() : undefined
      // Of what is not recorded only the ids go on.
      if (here && !here.isRecording) return work(here.span)
      const offset = offsetOf(here)
      const { span, context } = begin(plan, here, offset + performance.now())
      const own = new OtlpSpan(span, SpanStatusCode.ERROR)
      const place = {
        span: own,
        context: trace.setSpan(context, span),
        isRecording: span.isRecording(),
        offset,
      }
      try {
        return await store.run(place, work, own)
      } finally {
        span.end(offset + performance.now())
      }
    },
    ended({ durationMs, error, ...plan }: EndedSpan) {
      const here = store.getStore()
      if (plan.parent === undefined && !here?.isRecording) return undefined
      const endedAt = offsetOf(here) + performance.now()
      const { span } = begin(plan, here, endedAt - durationMs)
      const own = new OtlpSpan(span, SpanStatusCode.ERROR)
      if (error !== undefined) own.fail(error)
      span.end(endedAt)
      return own.traceparent
    },
    current: () => store.getStore()?.span,
    detached,
    close: () => provider.shutdown(),
  }
}
