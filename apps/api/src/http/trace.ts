import type { ServerResponse } from 'node:http'
import type { Tracer } from '@plinth/kit'
import type { HttpExchange } from './exchange.ts'
import { isProbe } from './gate.ts'
import { loggedPath } from './paths.ts'

const isBatch = (url: string): boolean => /^\/trpc\/[^?]*\?(.*&)?batch=1(&|$)/.test(url)

/**
 * Prepares the span of a request: a child of the `traceparent` that came with it, whose sampled flag is obeyed, or the
 * first of a trace of its own. The answer carries the `traceparent` of the span.
 */
export const prepareTrace =
  (tracer: Tracer) =>
  async (
    exchange: HttpExchange,
    outgoing: ServerResponse,
    serve: () => Promise<void> | void,
  ): Promise<void> => {
    const { method, url, requestId } = exchange
    // Those who watch ask all day long.
    if (isProbe(url)) return serve()
    const plan = {
      name: method,
      kind: 'server',
      parent: exchange.header('traceparent') ?? null,
      state: exchange.header('tracestate'),
      attributes: {
        'http.request.method': method,
        'url.path': loggedPath(url),
        'plinth.request_id': requestId,
      },
    } as const
    return tracer.span(plan, async (span) => {
      exchange.span = span
      exchange.answerHeaders.traceparent = span.traceparent
      try {
        await serve()
      } finally {
        // Each call of a batch has named it in turn.
        if (isBatch(url)) span.rename(`${method} batch`)
        span.set({ 'http.response.status_code': outgoing.statusCode })
        if (outgoing.statusCode >= 500) span.fail()
      }
    })
  }
