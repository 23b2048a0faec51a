import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { common, type Exchange, type Logger, type Principal } from '@plinth/kit'
import { readMultipart } from './multipart.ts'

/** What the Node server hands over beside the request. */
export interface NodeBindings {
  readonly incoming: IncomingMessage
  /** The exchange that was opened for the request. It stands here, as a table beside would outlive the requests. */
  exchange?: HttpExchange
}

interface ExchangeSettings {
  readonly trustedProxies: number
  readonly maxBodyBytes: number
}

const REQUEST_ID = /^[\w.:-]{8,128}$/

const addressOf = (incoming: IncomingMessage, trustedProxies: number): string => {
  const socket = incoming.socket.remoteAddress ?? 'unknown'
  if (trustedProxies === 0) return socket
  const forwarded = String(incoming.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => part.trim())
  // Each proxy appends whom it saw: what stands further left than the proxies we trust is the client's own word.
  return forwarded.at(-trustedProxies) || socket
}

/** One request on Node. What is seldom needed is made when it is asked for. */
export class HttpExchange implements Exchange {
  readonly requestId: string
  readonly method: string
  readonly url: string
  readonly address: string
  readonly answerHeaders: Record<string, string | string[]> = {}
  readonly startedAt = performance.now()
  principal: Promise<Principal> | Principal | undefined
  readonly #request: Request
  readonly #incoming: IncomingMessage
  readonly #settings: ExchangeSettings
  readonly #log: Logger
  #child: Logger | undefined

  constructor(request: Request, incoming: IncomingMessage, settings: ExchangeSettings, log: Logger) {
    this.#request = request
    this.#incoming = incoming
    this.#settings = settings
    this.#log = log
    this.method = this.#incoming.method ?? 'GET'
    this.url = this.#incoming.url ?? '/'
    this.address = addressOf(this.#incoming, settings.trustedProxies)
    const given = this.header('x-request-id')
    this.requestId = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID()
  }

  get signal(): AbortSignal {
    return this.#request.signal
  }
  get log(): Logger {
    this.#child ??= this.#log.child({ requestId: this.requestId })
    return this.#child
  }
  header(name: string): string | undefined {
    const value = this.#incoming.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
  async text(): Promise<string> {
    return (await this.#body()).toString('utf8')
  }
  async formData(): Promise<FormData> {
    const body = await this.#body()
    try {
      return await readMultipart(body, this.header('content-type') ?? '')
    } catch (cause) {
      throw common('MALFORMED_REQUEST', { cause })
    }
  }
  async #body(): Promise<Buffer> {
    const tooLarge = () => common('TOO_LARGE', { headers: { connection: 'close' } })
    const { maxBodyBytes } = this.#settings
    if (Number(this.header('content-length') ?? 0) > maxBodyBytes) throw tooLarge()
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of this.#incoming as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBodyBytes) throw tooLarge()
      chunks.push(chunk)
    }
    return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
  }
}
