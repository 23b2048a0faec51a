import { Failure } from '../failure.ts'
import type { Call } from '../pipeline.ts'
import type { Span, Tracer } from '../ports/tracing.ts'

type Work<More extends unknown[], R> = (call: Call, ...more: More) => Promise<R>

const tell = (span: Span, error: unknown): void => {
  if (error instanceof Failure) span.set({ 'plinth.code': error.code })
  // What the caller did wrong is no fault of the server.
  if (!(error instanceof Failure)) span.fail(error)
  else if (error.status >= 500) span.fail(error.cause ?? error)
}

/** Prepares the spans of a procedure's calls, which also give their request its name. Without a tracer calls stay as they are. */
export const prepareSpans = (name: string, tracer: Tracer | null) => {
  if (!tracer) return <More extends unknown[], R>(work: Work<More, R>): Work<More, R> => work
  return <More extends unknown[], R>(work: Work<More, R>): Work<More, R> =>
    (call, ...more) => {
      const { exchange, wire } = call
      exchange.span?.rename(`${exchange.method} ${name}`)
      return tracer.span({ name, attributes: { 'plinth.wire': wire } }, async (span) => {
        try {
          return await work(call, ...more)
        } catch (error) {
          tell(span, error)
          throw error
        }
      })
    }
}
