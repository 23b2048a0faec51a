import type { Assertion, Attestation } from '@plinth/contract'
import type { Row } from '@plinth/db'
import { lazily } from '@plinth/kit'
import type { PasskeySettings } from './settings.ts'
import type { PasskeysTable } from './tables.ts'

// With its parsers of certificates it takes a third of the time that the server takes to start.
const library = lazily(() => import('@simplewebauthn/server'))
const helpers = lazily(() => import('@simplewebauthn/server/helpers'))

/** Signature algorithms that we accept, in order of preference: Ed25519, ES256, RS256 (IANA, COSE algorithms). */
export const ALGORITHMS = [-8, -7, -257]

/** What the browser said the ceremony was about; undefined: it can not be read. */
interface Spoken {
  readonly challenge: string | undefined
}

/** A credential that its authenticator has just made. */
export interface NewCredential {
  readonly credentialId: string
  readonly publicKey: string
  readonly counter: number
  readonly aaguid: string
  readonly synced: boolean
  readonly backedUp: boolean
}

/** What a signature tells once it is known to be right. */
export interface Signed {
  readonly counter: number
  readonly backedUp: boolean
}

/** What came of looking at a credential: `found` where it holds, else why it does not. The reason is for the log. */
export type Looked<Found> = Spoken & ({ readonly found: Found } | { readonly reason: string })

const MOST_REASON = 200

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, MOST_REASON)

interface ClientData {
  readonly challenge?: unknown
  readonly crossOrigin?: unknown
}

const clientDataOf = (text: string): ClientData => {
  const read: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  if (typeof read !== 'object' || read === null) throw new TypeError('The client data is no object')
  return read
}

const expectedOf = ({ rpId, origins }: PasskeySettings) => ({
  expectedOrigin: [...origins],
  expectedRPID: rpId,
  requireUserVerification: true,
  // Which one was signed is found out here; whether it is one of ours is for the transaction that uses it up.
  expectedChallenge: () => true,
})

/** Runs what throws at anything that is not as it must be, since most of what it reads comes from the outside. */
const look = async <Found>(clientData: string, work: () => Promise<Found>): Promise<Looked<Found>> => {
  let challenge: string | undefined
  try {
    const said = clientDataOf(clientData)
    if (typeof said.challenge === 'string') challenge = said.challenge
    // Nobody embeds us, so that a ceremony in a frame of another site is somebody's trick.
    if (said.crossOrigin === true) return { challenge, reason: 'It was made in a frame of another site' }
    return { challenge, found: await work() }
  } catch (error) {
    return { challenge, reason: reasonOf(error) }
  }
}

// We ask for no attestation. With certificates in one the library would fetch what they name.
const refuseCertificates = async (attestationObject: string): Promise<void> => {
  const { decodeAttestationObject } = await helpers()
  const object = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url')))
  const form = object.get('fmt')
  const isOwn = form === 'packed' && object.get('attStmt').get('x5c') === undefined
  if (form !== 'none' && !isOwn) throw new Error(`An attestation of the form ${form} was not asked for`)
}

/** Looks at a credential that was just made: right site, right origin, and its user was verified. */
export const lookAtNew = (site: PasskeySettings, credential: Attestation): Promise<Looked<NewCredential>> =>
  look(credential.response.clientDataJSON, async () => {
    await refuseCertificates(credential.response.attestationObject)
    const { verifyRegistrationResponse } = await library()
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      ...expectedOf(site),
      supportedAlgorithmIDs: ALGORITHMS,
      response: {
        ...credential,
        clientExtensionResults: {},
        response: { ...credential.response, transports: credential.response.transports ?? [] },
      },
    })
    if (!verified) throw new Error('Its attestation is not right')
    const { aaguid, credential: made, credentialDeviceType, credentialBackedUp } = registrationInfo
    return {
      aaguid,
      credentialId: made.id,
      publicKey: Buffer.from(made.publicKey).toString('base64url'),
      counter: made.counter,
      synced: credentialDeviceType === 'multiDevice',
      backedUp: credentialBackedUp,
    }
  })

/** Looks at a signature by a passkey: right site, right origin, its user was verified, and the key is the one we know. */
export const lookAtSigned = (
  site: PasskeySettings,
  { id, rawId, type, response }: Assertion,
  passkey: Pick<Row<PasskeysTable>, 'public_key'> | undefined,
): Promise<Looked<Signed>> =>
  look(response.clientDataJSON, async () => {
    if (!passkey) throw new Error('There is no such passkey')
    const { verifyAuthenticationResponse } = await library()
    const { userHandle, ...signed } = response
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      ...expectedOf(site),
      response: {
        id,
        rawId,
        type,
        clientExtensionResults: {},
        response: { ...signed, ...(userHandle && { userHandle }) },
      },
      // The counter is looked at after the signature, where the passkey is held: anybody can write a low number.
      credential: { id, counter: 0, publicKey: new Uint8Array(Buffer.from(passkey.public_key, 'base64url')) },
    })
    if (!verified) throw new Error('Its signature is not right')
    return { counter: authenticationInfo.newCounter, backedUp: authenticationInfo.credentialBackedUp }
  })
