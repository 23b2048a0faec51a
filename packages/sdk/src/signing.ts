import type { Fetch } from './fetch.ts'
import { randomKey } from './trace.ts'

/** An API key that signs: its secret stays here, and what is sent is a signature of each request. */
export interface SigningKey {
  /** Id of the key, `key_...`. */
  readonly id: string
  readonly secret: string
}

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

const encoder = new TextEncoder()

/**
 * A fetch that signs what it sends: method, path with query, body, moment and a nonce of its own for each try.
 * @throws {TypeError} where there is no WebCrypto, as on pages without https.
 */
export const signing = (fetch: Fetch, { id, secret }: SigningKey): Fetch => {
  const { subtle } = globalThis.crypto as { readonly subtle?: typeof crypto.subtle }
  if (!subtle) throw new TypeError('Requests can not be signed here: a page needs https for that')
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign'])
  return async (url, init) => {
    const { method = 'GET', body } = init
    if (body !== undefined && body !== null && typeof body !== 'string')
      throw new TypeError('Only text can be signed')
    const { pathname, search } = new URL(
      url,
      (globalThis as { readonly location?: { href: string } }).location?.href,
    )
    const hash = hex(await subtle.digest('SHA-256', encoder.encode(body ?? '')))
    const timestamp = String(Math.floor(Date.now() / 1000))
    const nonce = randomKey()
    const text = ['plinth-request-v1', method, pathname + search, hash, timestamp, nonce].join('\n')
    const signature = hex(await subtle.sign('HMAC', await key, encoder.encode(text)))
    const headers = new Headers(init.headers)
    headers.set('x-plinth-key', id)
    headers.set('x-plinth-timestamp', timestamp)
    headers.set('x-plinth-nonce', nonce)
    headers.set('x-plinth-signature', `v1=${signature}`)
    return fetch(url, { ...init, headers })
  }
}
