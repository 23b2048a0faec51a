import { isUtf8 } from 'node:buffer'
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { common, type FormLimits, type Logger, type Principal, type Span, type Visit } from '@plinth/kit'
import { whenBrokenOff } from './broken-off.ts'
import { readMultipart } from './multipart.ts'

interface ExchangeSettings {
  readonly trustedProxies: number
  readonly maxBodyBytes: number
  /** Most bytes of a form whose files may be larger than that. */
  readonly maxUploadBytes: number
}

// Room for the other fields of a form, and for what stands between its parts.
const FIELD_BYTES = 64 * 1024

const REQUEST_ID = /^[\w.:-]{8,128}$/

/** Whom a request comes from, as far as the proxies that are trusted say. */
export const addressOf = (incoming: IncomingMessage, trustedProxies: number): string => {
  const socket = incoming.socket.remoteAddress ?? 'unknown'
  if (trustedProxies === 0) return socket
  const forwarded = String(incoming.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => part.trim())
  // Each proxy appends whom it saw: what stands further left than the proxies we trust is the client's own word.
  return forwarded.at(-trustedProxies) || socket
}

const tooLarge = () => common('TOO_LARGE', { headers: { connection: 'close' } })

/** The id of a request: that which it came with, where that is one, else a new one. */
export const requestIdOf = (given: string | undefined): string =>
  given !== undefined && REQUEST_ID.test(given) ? given : randomUUID()

/** Reads a body in whole. The stream is never destroyed, for its socket has the answer to carry. */
const readAll = (incoming: IncomingMessage, maxBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    whenBrokenOff(incoming, (cause) => reject(common('MALFORMED_REQUEST', { cause })))
    const chunks: Buffer[] = []
    let size = 0
    const take = (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else {
        incoming.off('data', take)
        reject(tooLarge())
      }
    }
    incoming.on('data', take)
    incoming.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
  })

/** One request on Node. What is seldom needed is made when it is asked for. */
export class HttpExchange implements Visit {
  readonly requestId: string
  readonly method: string
  readonly url: string
  readonly address: string
  readonly answerHeaders: Record<string, string | string[]> = {}
  readonly startedAt = performance.now()
  principal: Promise<Principal> | Principal | undefined
  procedure: string | undefined
  limitShare: number | undefined
  /** The body, once it was read as text. */
  bodyText: string | undefined
  span: Span | undefined
  /** Bytes of the body that came in, as far as it was read. */
  received = 0
  /** Bytes of the body that went out. */
  sent = 0
  readonly #incoming: IncomingMessage
  readonly #outgoing: ServerResponse
  readonly #settings: ExchangeSettings
  readonly #log: Logger
  #child: Logger | undefined
  #hangUp: AbortController | undefined
  #body: Promise<Buffer> | undefined

  constructor(incoming: IncomingMessage, outgoing: ServerResponse, settings: ExchangeSettings, log: Logger) {
    this.#incoming = incoming
    this.#outgoing = outgoing
    this.#settings = settings
    this.#log = log
    this.method = this.#incoming.method ?? 'GET'
    this.url = this.#incoming.url ?? '/'
    this.address = addressOf(this.#incoming, settings.trustedProxies)
    this.requestId = requestIdOf(this.header('x-request-id'))
  }

  /** Aborts when the client hangs up before its answer is written. */
  get signal(): AbortSignal {
    this.#hangUp ??= this.#watch(new AbortController())
    return this.#hangUp.signal
  }
  get log(): Logger {
    this.#child ??= this.#log.child({ requestId: this.requestId })
    return this.#child
  }
  get rawHeaders(): readonly string[] {
    return this.#incoming.rawHeaders
  }
  header(name: string): string | undefined {
    const value = this.#incoming.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
  /** Read once, however often it is asked for: a signature is over the bytes that are parsed afterwards. */
  bytes(): Promise<Buffer> {
    this.#body ??= this.#readBody()
    return this.#body
  }
  async text(): Promise<string> {
    const body = await this.bytes()
    // What is no UTF-8 would be stored with its broken characters replaced, and nobody told.
    if (!isUtf8(body)) throw common('MALFORMED_REQUEST')
    this.bodyText = body.toString('utf8')
    return this.bodyText
  }
  async formData(files: FormLimits): Promise<FormData> {
    const maxBytes = this.#mostOf(files)
    if (Number(this.header('content-length') ?? 0) > maxBytes) throw tooLarge()
    this.#countBody()
    return readMultipart(this.#incoming, this.header('content-type') ?? '', { files, maxBytes })
  }
  /** The bytes that a form may have: as much as its files are allowed, where the contract says that of each. */
  #mostOf(files: FormLimits): number {
    const { maxBodyBytes, maxUploadBytes } = this.#settings
    let sum = FIELD_BYTES
    for (const { maxBytes } of files.values()) sum += maxBytes ?? Number.NaN
    return files.size === 0 || Number.isNaN(sum) ? maxBodyBytes : Math.min(sum, maxUploadBytes)
  }
  #watch(hangUp: AbortController): AbortController {
    const outgoing = this.#outgoing
    const abort = () => {
      if (!outgoing.writableFinished) hangUp.abort()
    }
    if (outgoing.closed) abort()
    else outgoing.once('close', abort)
    return hangUp
  }
  #countBody(): void {
    this.#incoming.on('data', (chunk: Buffer) => {
      this.received += chunk.length
    })
  }
  async #readBody(): Promise<Buffer> {
    const { maxBodyBytes } = this.#settings
    if (Number(this.header('content-length') ?? 0) > maxBodyBytes) throw tooLarge()
    this.#countBody()
    return readAll(this.#incoming, maxBodyBytes)
  }
}
