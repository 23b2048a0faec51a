/** What a span is of: a request that is answered, a call that is made, something handed on or taken up, or work of our own. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer'

/** What is said of a span: never what a person wrote or is called. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>

/** A span that is to begin. */
export interface SpanPlan {
  /** One of a bounded number of names, such as that of a procedure. */
  readonly name: string
  readonly kind?: SpanKind
  readonly attributes?: SpanAttributes
  /**
   * Whose child it is, as a W3C `traceparent`, whose sampled flag is obeyed; null, or one that is none, begins a trace
   * of its own. Left out: the span at work here is the parent.
   */
  readonly parent?: string | null
  /** The `tracestate` that came with the parent. */
  readonly state?: string | undefined
}

/** A span that has ended already, as a child of the one at work here or of `parent`. */
export interface EndedSpan extends Omit<SpanPlan, 'parent'> {
  readonly parent?: string
  readonly durationMs: number
  readonly error?: unknown
}

/** One piece of work in a trace. */
export interface Span {
  readonly traceId: string
  /** Its place in the trace, for whoever goes on with it. */
  readonly traceparent: string
  /** The headers that take the trace along in a request. */
  readonly headers: Readonly<Record<string, string>>
  rename(name: string): void
  set(attributes: SpanAttributes): void
  /** Marks it as failed; of the error its kind alone is told, for its message may quote anything. */
  fail(error?: unknown): void
}

/**
 * Records what was done for whom, in spans that share the id of their trace. Where a server does not trace there is none,
 * and nothing is done in its place.
 */
export interface Tracer {
  /** Runs the work inside of a span, which ends with it. */
  span<R>(plan: SpanPlan, work: (span: Span) => Promise<R>): Promise<R>
  /** Records what has just ended; nothing where no span is at work and no parent is given. Answers its traceparent. */
  ended(span: EndedSpan): string | undefined
  /** The span at work here. */
  current(): Span | undefined
  /** Runs what goes on by itself, outside of the span that happens to be at work. */
  detached(work: () => void): void
  /** Hands on what has been recorded, within a bounded time. */
  close(): Promise<void>
}
