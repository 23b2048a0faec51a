import type { CommonErrorCode } from '@plinth/contract'
import type { Logger } from 'pino'
import type { Span } from './ports/tracing.ts'
import type { Actor, TokenOrigin } from './ports.ts'
import type { FormLimits } from './wire/form.ts'

/** The header of an answer that does without parts that it should stand on: their names, joined by commas. */
export const DEGRADED = 'x-degraded'

/** One HTTP request (or WebSocket connection) as the kit sees it, whatever server it came through. */
export interface Exchange {
  readonly requestId: string
  readonly method: string
  /** Path and query string as they were sent. */
  readonly url: string
  /** Address of the client, after trusted proxies. */
  readonly address: string
  readonly signal: AbortSignal
  readonly log: Logger
  header(name: string): string | undefined
  /** The request that this is a call of, where each call of it has an exchange of its own. */
  readonly root?: Exchange
  /** The bytes of the body as they came; rejects with TOO_LARGE beyond the bound. */
  bytes(): Promise<Uint8Array>
  /** The body as text; rejects with TOO_LARGE beyond the bound. */
  text(): Promise<string>
  /** The body as a form with these files; rejects as soon as it is too large, or a file is none of them. */
  formData(files: FormLimits): Promise<FormData>
  /** Headers of the answer, by lower-case name. */
  readonly answerHeaders: Record<string, string | string[]>
  /** Who calls, found once per request: a batch of calls asks once. */
  principal: Promise<Principal> | Principal | undefined
  /** The span of the request, where it is traced; the procedure that answers gives it its name. */
  readonly span?: Span | undefined
  /** The procedures that answer, joined by commas, as far as they were begun. */
  procedure?: string | undefined
  /** The share of the limits that its address has, where its reputation is bad. */
  limitShare?: number | undefined
}

/** What the credentials of a request say. */
export interface Principal {
  readonly actor: Actor | null
  /** Where the credential stood; cookies are sent by browsers unasked. */
  readonly source: 'none' | 'signature' | TokenOrigin['source']
  /** What is wrong with the credential, where something is. */
  readonly refusal: CommonErrorCode | null
  /** Uses up what may be used once, as the nonce of a signature; false: it was used before. */
  readonly claim?: () => Promise<boolean>
}

/** The value of one cookie of a Cookie header. */
export const readCookie = (header: string | undefined, name: string): string | undefined => {
  for (const part of header?.split(';') ?? []) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return undefined
}
