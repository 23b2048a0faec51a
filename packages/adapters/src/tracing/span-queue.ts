import { setTimeout as delay } from 'node:timers/promises'
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace'

/** What became of spans: handed over, refused or not answered by the collector, or never sent for lack of room. */
export type SpanResult = 'sent' | 'failed' | 'dropped'

/** How spans wait. Times are milliseconds. */
export interface SpanQueueSettings {
  /** Most spans that wait; what comes beyond is dropped. */
  readonly most: number
  /** How often those that wait are sent. */
  readonly everyMs: number
  /** The longest that closing waits for the collector. */
  readonly closeMs: number
}

interface SpanQueueDeps {
  readonly exporter: SpanExporter
  readonly count: (result: SpanResult, spans: number) => void
  /** Runs what outlives the request that it came from. */
  readonly detached: (work: () => void) => void
}

const BATCH = 512

/**
 * Keeps finished spans until they are sent, one batch after the other. A collector that is slow or gone costs spans,
 * which are counted, and never the time or the memory of those who are traced.
 */
export const createSpanQueue = (
  { most, everyMs, closeMs }: SpanQueueSettings,
  { exporter, count, detached }: SpanQueueDeps,
): SpanProcessor => {
  const waiting: ReadableSpan[] = []
  let sending: Promise<void> | undefined
  let closed = false

  const send = (spans: ReadableSpan[]): Promise<void> =>
    new Promise((resolve) => {
      exporter.export(spans, ({ code }) => {
        // Those that were on their way when the queue was closed are counted there.
        if (!closed) count(code === 0 ? 'sent' : 'failed', spans.length)
        resolve()
      })
    })
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) await send(waiting.splice(0, BATCH))
  }
  const poke = (): void => {
    sending ??= drain().finally(() => {
      sending = undefined
    })
  }
  const timer = setInterval(poke, everyMs).unref()
  const flush = async (): Promise<void> => {
    while (waiting.length > 0 || sending) {
      poke()
      await sending
    }
  }
  return {
    onStart: () => undefined,
    onEnd(span) {
      if (waiting.length >= most || closed) return count('dropped', 1)
      waiting.push(span)
      if (waiting.length === BATCH) detached(poke)
    },
    forceFlush: flush,
    async shutdown() {
      clearInterval(timer)
      const late = new AbortController()
      await Promise.race([flush(), delay(closeMs, undefined, { signal: late.signal }).catch(() => undefined)])
      late.abort()
      closed = true
      if (waiting.length > 0) count('dropped', waiting.length)
      waiting.length = 0
    },
  }
}
