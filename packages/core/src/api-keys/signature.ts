import { createHmac, hash, timingSafeEqual } from 'node:crypto'

/** What of a request is signed. */
export interface SignedParts {
  readonly method: string
  /** Path and query, exactly as they are sent. */
  readonly url: string
  readonly body: Uint8Array
  /** Seconds since 1970, as text. */
  readonly timestamp: string
  readonly nonce: string
}

/** The text that is signed: one part a line, the first of which says how it is made. */
export const canonicalText = ({ method, url, body, timestamp, nonce }: SignedParts): string =>
  ['plinth-request-v1', method, url, hash('sha256', body, 'hex'), timestamp, nonce].join('\n')

/** What `X-Plinth-Signature` must be for a request that is signed with this secret. */
export const signatureOf = (parts: SignedParts, secret: string): string =>
  `v1=${createHmac('sha256', secret).update(canonicalText(parts)).digest('hex')}`

const FORM = /^v1=[0-9a-f]{64}$/
const NONCE = /^[\w-]{16,64}$/
const SECONDS = /^\d{1,12}$/

/** Whether the headers of a signature could be those of any. */
export const isSignature = ({
  timestamp,
  nonce,
  signature,
}: Record<'timestamp' | 'nonce' | 'signature', string>) =>
  FORM.test(signature) && NONCE.test(nonce) && SECONDS.test(timestamp)

/** Whether a signature was made with one of these secrets. How long that takes tells nothing of how much of it was right. */
export const isSignedWith = (parts: SignedParts, signature: string, secrets: readonly string[]): boolean => {
  const given = Buffer.from(signature)
  return secrets.some((secret) => {
    const expected = Buffer.from(signatureOf(parts, secret))
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}
