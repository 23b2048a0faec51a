import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A span as a collector got it. */
export interface CollectedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  /** OTLP's number: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  readonly failed: boolean
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  readonly service: string
}

interface OtlpValue {
  readonly stringValue?: string
  readonly intValue?: number | string
  readonly doubleValue?: number
  readonly boolValue?: boolean
}

interface OtlpAttributes {
  readonly attributes: readonly { readonly key: string; readonly value: OtlpValue }[]
}

interface OtlpSpan extends OtlpAttributes {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status: { readonly code?: number }
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: OtlpAttributes
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[]
  }[]
}

/** How a collector takes what it is sent: it says yes, says no, or never answers. */
type Manner = 'takes' | 'refuses' | 'hangs'

/** A collector of traces on loopback, which speaks OTLP over HTTP in JSON. Dispose of it with `await using`. */
export interface TestCollector extends AsyncDisposable {
  readonly url: string
  readonly spans: readonly CollectedSpan[]
  /** The headers of the requests it got. */
  readonly headers: readonly NodeJS.Dict<string | string[]>[]
  manner: Manner
}

const plainOf = ({ stringValue, intValue, doubleValue, boolValue }: OtlpValue) =>
  stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue ?? '') : Number(intValue))

const recordOf = ({ attributes }: OtlpAttributes) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plainOf(value)]))

const millis = (nanos: string): number => Number(BigInt(nanos) / 1000n) / 1000

const spansOf = ({ resourceSpans }: OtlpRequest): CollectedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        name: span.name,
        kind: span.kind,
        failed: span.status.code === 2,
        startMs: millis(span.startTimeUnixNano),
        endMs: millis(span.endTimeUnixNano),
        attributes: recordOf(span),
        service: String(recordOf(resource)['service.name'] ?? ''),
      })),
    ),
  )

/** Starts a collector. */
export const testCollector = async (): Promise<TestCollector> => {
  const spans: CollectedSpan[] = []
  const headers: NodeJS.Dict<string | string[]>[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    headers.push(request.headers)
    if (collector.manner === 'hangs') return
    if (collector.manner === 'refuses') {
      response.writeHead(400).end()
      return
    }
    if (request.method === 'POST' && request.url === '/v1/traces')
      spans.push(...spansOf(JSON.parse(Buffer.concat(chunks).toString('utf8')) as OtlpRequest))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const collector: TestCollector = {
    url: `http://127.0.0.1:${port}/v1/traces`,
    spans,
    headers,
    manner: 'takes',
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
  return collector
}
