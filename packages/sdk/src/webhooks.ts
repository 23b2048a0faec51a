import type { WebhookEvent } from '@plinth/contract'

export type { EventName, WebhookEvent } from '@plinth/contract'

/** What of a request is verified; a `Headers` or a record, as servers give them. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>

/** What a webhook tells once it is verified. */
export interface VerifiedWebhook {
  /** The same for every delivery of one message: deal with each id once. */
  readonly id: string
  readonly sentAt: Date
  /** The body as it was signed, parsed. */
  readonly payload: unknown
  /**
   * The payload as an event of Plinth, to be told apart by `type`; null when it is none. A server newer than this
   * package may send types that are not known here: leave those alone.
   */
  readonly event: WebhookEvent | null
}

/** Why a webhook was not accepted. */
export type WebhookFault = 'header-missing' | 'timestamp' | 'signature' | 'payload'

/** Thrown for a webhook that must not be believed: answer it 400. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError'
  readonly fault: WebhookFault

  constructor(fault: WebhookFault, message: string) {
    super(message)
    this.fault = fault
  }
}

interface VerifyOptions {
  /** How old, or how far ahead, a message may be, in seconds; 300 when left out. */
  readonly tolerance?: number
  /** The present moment; for tests. */
  readonly now?: Date
}

// A header is short; more signatures than any change of secrets has are somebody at play.
const MAX_SIGNATURES = 20

const base64Bytes = (text: string): Uint8Array<ArrayBuffer> | null => {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  } catch {
    return null
  }
}

const keyOf = async (secret: string) => {
  const bytes = base64Bytes(secret.replace(/^whsec_/, ''))
  if (!bytes || bytes.length === 0)
    throw new TypeError('A webhook secret is whsec_ and base64: copy it whole')
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

/** The bytes that are signed: id, moment in seconds, and the body as it travels. */
const signedBytes = (id: string, seconds: string, body: string | Uint8Array): Uint8Array<ArrayBuffer> => {
  const encoder = new TextEncoder()
  const head = encoder.encode(`${id}.${seconds}.`)
  const rest = typeof body === 'string' ? encoder.encode(body) : body
  const all = new Uint8Array(head.length + rest.length)
  all.set(head)
  all.set(rest, head.length)
  return all
}

const headerOf = (headers: WebhookHeaders, name: string): string => {
  const found =
    headers instanceof Headers
      ? headers.get(name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  const text = typeof found === 'object' ? found?.[0] : found
  if (text) return text
  throw new WebhookError('header-missing', `The header ${name} is missing: this is no signed webhook`)
}

const momentOf = (seconds: string, { tolerance = 300, now = new Date() }: VerifyOptions): Date => {
  const sentAt = new Date(/^\d{1,12}$/.test(seconds) ? Number(seconds) * 1000 : Number.NaN)
  // Written so that a moment that is none is refused too.
  if (Math.abs(now.getTime() - sentAt.getTime()) <= tolerance * 1000) return sentAt
  throw new WebhookError('timestamp', `The webhook was signed more than ${tolerance} seconds away from now`)
}

const signaturesOf = (header: string): Uint8Array<ArrayBuffer>[] =>
  header
    .split(' ', MAX_SIGNATURES)
    .flatMap((part) => (part.startsWith('v1,') ? (base64Bytes(part.slice(3)) ?? []) : []))

const isSigned = async (
  signatures: readonly Uint8Array<ArrayBuffer>[],
  secrets: readonly string[],
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> => {
  for (const secret of secrets) {
    const key = await keyOf(secret)
    // Takes as long for a wrong signature as for a right one.
    for (const signature of signatures)
      if (await crypto.subtle.verify('HMAC', key, signature, bytes)) return true
  }
  return false
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isEvent = (payload: unknown): payload is WebhookEvent =>
  isRecord(payload) &&
  typeof payload.type === 'string' &&
  typeof payload.timestamp === 'string' &&
  isRecord(payload.data)

const parsed = (body: string | Uint8Array): unknown => {
  try {
    return JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body))
  } catch {
    throw new WebhookError('payload', 'The webhook is signed, but its body is not JSON')
  }
}

/**
 * Verifies a webhook after the Standard Webhooks specification and answers what it tells.
 * @param payload the body exactly as it came: text or bytes, never parsed and written again.
 * @param secrets the secret (`whsec_…`), or all that are live while one replaces another.
 * @throws {WebhookError} when it must not be believed; `fault` says why.
 *
 * @example
 * const { id, event } = await verifyWebhook(await request.text(), request.headers, secret)
 */
export const verifyWebhook = async (
  payload: string | Uint8Array,
  headers: WebhookHeaders,
  secrets: string | readonly string[],
  options: VerifyOptions = {},
): Promise<VerifiedWebhook> => {
  const id = headerOf(headers, 'webhook-id')
  const seconds = headerOf(headers, 'webhook-timestamp')
  const signatures = signaturesOf(headerOf(headers, 'webhook-signature'))
  const sentAt = momentOf(seconds, options)
  const live = typeof secrets === 'string' ? [secrets] : secrets
  if (!(await isSigned(signatures, live, signedBytes(id, seconds, payload))))
    throw new WebhookError('signature', 'No signature fits: check the secret, and that the body is unchanged')
  const told = parsed(payload)
  return { id, sentAt, payload: told, event: isEvent(told) ? told : null }
}

/** The headers of a signed webhook, ready to be sent. */
export type SignedHeaders = Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>

/**
 * Signs a webhook as the server does: for tests of what receives them.
 * @param secrets one secret, or several for a message that carries a signature of each.
 */
export const signWebhook = async (
  payload: string | Uint8Array,
  secrets: string | readonly string[],
  { id = `msg_${crypto.randomUUID()}`, sentAt = new Date() }: { id?: string; sentAt?: Date } = {},
): Promise<SignedHeaders> => {
  const seconds = String(Math.floor(sentAt.getTime() / 1000))
  const bytes = signedBytes(id, seconds, payload)
  const sign = async (secret: string): Promise<string> => {
    const signature = await crypto.subtle.sign('HMAC', await keyOf(secret), bytes)
    return `v1,${btoa(String.fromCharCode(...new Uint8Array(signature)))}`
  }
  const signatures = await Promise.all((typeof secrets === 'string' ? [secrets] : secrets).map(sign))
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') }
}
