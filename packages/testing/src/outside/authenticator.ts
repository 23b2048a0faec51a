import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import type { Assertion, Attestation } from '@plinth/contract'
import { type Cbor, cbor } from './cbor.ts'

/** How one ceremony differs from what a browser with a good authenticator does. */
export interface Ceremony {
  /** The page that it happens in; left out: that of the authenticator. */
  readonly origin?: string
  readonly rpId?: string
  readonly crossOrigin?: boolean
  /** Whether its user was verified, by PIN or finger; left out: yes. */
  readonly verified?: boolean
  /** What it has counted to; left out: one more each time. */
  readonly counter?: number
  /** Whose passkey it says it is; null: nobody's. Left out: whose it is. */
  readonly userHandle?: string | null
  /** What the attestation says it is; left out: none. */
  readonly format?: string
  /** What stands in the attestation, such as certificates. */
  readonly statement?: ReadonlyMap<string, Cbor>
}

interface Creation {
  readonly challenge: string
  readonly rp: { readonly id: string }
  readonly user: { readonly id: string }
}

interface Request {
  readonly challenge: string
  readonly rpId: string
}

/** A passkey in an authenticator of software, which signs as WebAuthn says. */
export interface TestAuthenticator {
  create(options: Creation, ceremony?: Ceremony): Attestation
  get(options: Request, ceremony?: Ceremony): Assertion
}

const PRESENT = 0x01
const VERIFIED = 0x04
const SYNCED_AND_BACKED_UP = 0x18
const HAS_CREDENTIAL = 0x40
const CREDENTIAL_BYTES = 20

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest()

// ES256 on P-256 (RFC 9053, section 7.1.1).
const coseOf = (key: KeyObject): Buffer => {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const members: [number, Cbor][] = [
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, Buffer.from(x, 'base64url')],
    [-3, Buffer.from(y, 'base64url')],
  ]
  return cbor(new Map(members))
}

interface AuthenticatorOptions {
  /** The page that its browser shows. */
  readonly origin: string
  /** Whether it counts its signatures; passkeys that are synced do not. Left out: it does. */
  readonly counts?: boolean
}

/** Makes an authenticator of software for one passkey, in a browser that shows one page. */
export const testAuthenticator = ({ origin, counts = true }: AuthenticatorOptions): TestAuthenticator => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const credentialId = randomBytes(CREDENTIAL_BYTES)
  const id = credentialId.toString('base64url')
  let counter = 0
  let owner = ''
  const clientData = (type: string, challenge: string, ceremony: Ceremony): Buffer =>
    Buffer.from(
      JSON.stringify({
        type,
        challenge,
        origin: ceremony.origin ?? origin,
        crossOrigin: ceremony.crossOrigin ?? false,
      }),
    )
  const authenticatorData = (rpId: string, ceremony: Ceremony, credential?: Buffer): Buffer => {
    counter += counts ? 1 : 0
    const numbers = Buffer.alloc(5)
    const flags =
      PRESENT |
      (ceremony.verified === false ? 0 : VERIFIED) |
      (counts ? 0 : SYNCED_AND_BACKED_UP) |
      (credential ? HAS_CREDENTIAL : 0)
    numbers[0] = flags
    numbers.writeUInt32BE(ceremony.counter ?? counter, 1)
    return Buffer.concat([sha256(ceremony.rpId ?? rpId), numbers, credential ?? Buffer.alloc(0)])
  }
  return {
    create({ challenge, rp, user }, ceremony = {}) {
      owner = user.id
      const length = Buffer.alloc(2)
      length.writeUInt16BE(CREDENTIAL_BYTES)
      const credential = Buffer.concat([Buffer.alloc(16), length, credentialId, coseOf(publicKey)])
      const object = new Map<string, Cbor>([
        ['fmt', ceremony.format ?? 'none'],
        ['attStmt', ceremony.statement ?? new Map<string, Cbor>()],
        ['authData', authenticatorData(rp.id, ceremony, credential)],
      ])
      const response = {
        clientDataJSON: clientData('webauthn.create', challenge, ceremony).toString('base64url'),
        attestationObject: cbor(object).toString('base64url'),
        transports: [counts ? 'usb' : 'internal'],
      }
      return { id, rawId: id, type: 'public-key', response }
    },
    get({ challenge, rpId }, ceremony = {}) {
      const data = authenticatorData(rpId, ceremony)
      const said = clientData('webauthn.get', challenge, ceremony)
      const signature = sign('sha256', Buffer.concat([data, sha256(said)]), privateKey)
      const response = {
        clientDataJSON: said.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle: ceremony.userHandle === undefined ? owner : ceremony.userHandle,
      }
      return { id, rawId: id, type: 'public-key', response }
    },
  }
}
