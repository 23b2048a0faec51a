import type { CommonErrorCode } from '@plinth/contract'
import type { Database } from '@plinth/db'
import type { Actor, KitTables, Log, SignedRequest, Signer, Vault } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { KeySettings } from '../settings.ts'
import { tokenHash } from '../tokens.ts'
import { actorOf, type FoundKey, refusalOf, secretByHash, secretsOfKey } from './find.ts'
import { createLastUse } from './last-use.ts'
import { claimNonce } from './nonces.ts'
import { isSignature, isSignedWith } from './signature.ts'

/** What keys are judged with. */
interface KeyDeps {
  readonly db: Database<KitTables>
  readonly vault: Vault
  readonly log: Log
  readonly settings: KeySettings
}

/** Turns API keys into actors: by their secret, or by what was signed with it. */
export interface KeyAuthenticator {
  bySecret(secret: string, now: Date, address: string): Promise<Actor | CommonErrorCode>
  bySignature(request: SignedRequest, now: Date): Promise<Signer | CommonErrorCode>
}

interface Window {
  readonly sentAt: number
  readonly ms: number
}

const isWithin = ({ sentAt, ms }: Window, now: Date): boolean => Math.abs(now.getTime() - sentAt) <= ms

/** Makes what judges API keys. Each costs one look-up, and a signature one row for its nonce. */
export const createKeyAuthenticator = ({ db: given, vault, log, settings }: KeyDeps): KeyAuthenticator => {
  const db = given.as<CoreDb>()
  const lastUse = createLastUse(given, log.module('keys'))

  const noteUse = ({ id, last_used_at: before }: FoundKey, at: Date, address: string): void =>
    lastUse.note({ id, at, address }, before)

  /** The key with an id and its secrets, or what is wrong with it. */
  const signingKey = async (id: string, now: Date) => {
    const found = await secretsOfKey(db.read, { id, now: now.toISOString() })
    const [key] = found
    if (!key) return 'KEY_UNKNOWN'
    const refusal = refusalOf(key, now)
    if (refusal !== null) return refusal
    const secrets = found.flatMap(({ sealed }) => (sealed === null ? [] : [vault.open(sealed, id)]))
    return secrets.length === 0 ? 'SIGNATURE_UNEXPECTED' : { key, secrets }
  }

  return {
    async bySecret(secret, now, address) {
      const key = await secretByHash.first(db.read, { hash: tokenHash(secret) })
      if (!key) return 'KEY_UNKNOWN'
      const refusal = refusalOf(key, now)
      if (refusal !== null) return refusal
      // What signs must not travel: who sends it has shown it to everybody on the way.
      if (key.sealed !== null) return 'SIGNATURE_MISSING'
      noteUse(key, now, address)
      return actorOf(key, settings)
    },
    async bySignature(request, now) {
      const { keyId, nonce, timestamp, signature } = request
      if (!isSignature(request)) return 'SIGNATURE_INVALID'
      const window = { sentAt: Number(timestamp) * 1000, ms: settings.signatureWindowMs }
      if (!isWithin(window, now)) return 'SIGNATURE_EXPIRED'
      const found = await signingKey(keyId, now)
      if (typeof found === 'string') return found
      const { method, url } = request
      const parts = { method, url, body: await request.body(), timestamp, nonce }
      if (!isSignedWith(parts, signature, found.secrets)) return 'SIGNATURE_INVALID'
      const expiresAt = new Date(window.sentAt + window.ms)
      return {
        actor: actorOf(found.key, settings),
        async claim() {
          const isFirst = await claimNonce(db, { keyId, nonce, expiresAt })
          if (isFirst) noteUse(found.key, now, request.address)
          return isFirst
        },
        async again(later) {
          const still = await signingKey(keyId, later)
          return typeof still === 'string' ? still : actorOf(still.key, settings)
        },
      }
    },
  }
}
