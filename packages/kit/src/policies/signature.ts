import type { CommonErrorCode } from '@plinth/contract'
import type { Exchange, Principal } from '../exchange.ts'
import { common } from '../failure.ts'
import type { Authenticator, Clock, Signer } from '../ports.ts'

interface Proof {
  readonly found: Promise<Signer | CommonErrorCode>
  /** Asks once, however many calls the request holds. */
  claim(): Promise<boolean>
}

// A signature is for one request, and stays right for every call of it.
const proofs = new WeakMap<Exchange, Proof>()

const bodyOf = async (exchange: Exchange): Promise<Uint8Array> => {
  // Parts of a form are looked at as they come, and files need not fit into memory: their bytes are not there in whole.
  if (exchange.header('content-type')?.startsWith('multipart/')) throw common('SIGNATURE_UNSUPPORTED')
  return exchange.bytes()
}

const verify = async (
  exchange: Exchange,
  keyId: string,
  authenticator: Authenticator,
  now: Date,
): Promise<Signer | CommonErrorCode> => {
  const timestamp = exchange.header('x-plinth-timestamp')
  const nonce = exchange.header('x-plinth-nonce')
  const signature = exchange.header('x-plinth-signature')
  if (timestamp === undefined || nonce === undefined || signature === undefined) return 'SIGNATURE_MISSING'
  const { method, url, address } = exchange
  const signed = { keyId, timestamp, nonce, signature, method, url, address }
  return authenticator.verify?.({ ...signed, body: () => bodyOf(exchange) }, now) ?? 'KEY_UNKNOWN'
}

const proofOf = (found: Proof['found']): Proof => {
  let claimed: Promise<boolean> | undefined
  const claim = async (): Promise<boolean> => {
    const signer = await found
    return typeof signer === 'string' ? false : signer.claim()
  }
  return {
    found,
    claim: () => {
      claimed ??= claim()
      return claimed
    },
  }
}

const refused = (refusal: CommonErrorCode): Principal => ({ actor: null, source: 'signature', refusal })

/** Finds whose signature a request carries. The key is judged anew for each call that has an exchange of its own. */
export const principalBySignature = async (
  exchange: Exchange,
  keyId: string,
  authenticator: Authenticator,
  clock: Clock,
): Promise<Principal> => {
  const root = exchange.root ?? exchange
  const now = clock.now()
  const before = proofs.get(root)
  const proof = before ?? proofOf(verify(root, keyId, authenticator, now))
  if (!before) proofs.set(root, proof)
  const signer = await proof.found
  if (typeof signer === 'string') return refused(signer)
  const actor = before ? await signer.again(now) : signer.actor
  return typeof actor === 'string'
    ? refused(actor)
    : { actor, source: 'signature', refusal: null, claim: proof.claim }
}
