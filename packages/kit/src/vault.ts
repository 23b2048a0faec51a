import { createCipheriv, createDecipheriv, createHmac, hash, hkdfSync, randomBytes } from 'node:crypto'

/** Keeps secrets that must be read again, such as those that sign webhooks. */
export interface Vault {
  /** What may be stored. `place` says what the secret belongs to, such as the id of its row: elsewhere it can't be read. */
  seal(secret: string, place: string): string
  /** @throws {Error} when it was sealed by a key that is not known, for another place, or was changed. */
  open(sealed: string, place: string): string
  /**
   * A keyed hash in hex, by which something short, such as a code of six digits, can be known again and not be guessed
   * from a stolen table. It is another one for each place, and under another secret.
   */
  mark(text: string, place: string): string
}

const VERSION = 'v1'
const NONCE_BYTES = 12
const TAG_BYTES = 16

interface Key {
  readonly id: string
  readonly bytes: Buffer
}

const derived = (secret: string, use: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', use, 32))

const keyOf = (secret: string): Key => {
  const bytes = derived(secret, 'plinth vault v1')
  // Tells keys from each other and tells nothing of them.
  return { id: hash('sha256', bytes, 'hex').slice(0, 8), bytes }
}

/**
 * Seals with AES-256-GCM under a key that HKDF derives from the first secret, and opens what any of them sealed: a new
 * secret goes to the front, and those before it stay behind it until nothing sealed by them is left. Marks are made under
 * the first secret alone: what lives by them is short-lived, and ends with it.
 */
export const createVault = ([current, ...before]: readonly [string, ...string[]]): Vault => {
  const key = keyOf(current)
  const markKey = derived(current, 'plinth marks v1')
  const keys = new Map([key, ...before.map(keyOf)].map(({ id, bytes }) => [id, bytes]))
  return {
    seal(secret, place) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce).setAAD(Buffer.from(place))
      const sealed = Buffer.concat([
        nonce,
        cipher.update(secret, 'utf8'),
        cipher.final(),
        cipher.getAuthTag(),
      ])
      return `${VERSION}.${key.id}.${sealed.toString('base64url')}`
    },
    open(sealed, place) {
      const [version, id = '', text = ''] = sealed.split('.')
      const bytes = keys.get(id)
      if (version !== VERSION || !bytes) throw new Error('a secret was sealed by a key that is not known')
      const all = Buffer.from(text, 'base64url')
      const nonce = all.subarray(0, NONCE_BYTES)
      const tag = all.subarray(all.length - TAG_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', bytes, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(place)).setAuthTag(tag)
      const opened = [decipher.update(all.subarray(NONCE_BYTES, all.length - TAG_BYTES)), decipher.final()]
      return Buffer.concat(opened).toString('utf8')
    },
    mark: (text, place) =>
      createHmac('sha256', markKey)
        .update(JSON.stringify([place, text]))
        .digest('hex'),
  }
}
