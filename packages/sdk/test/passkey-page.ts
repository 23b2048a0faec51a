// What a web application does with passkeys through the SDK: bundled for a browser, and called by passkeys.test.ts.
import { createClient } from '../src/index.ts'

// Only what is used of the browser: the packages are checked without its types.
interface PublicKeys {
  parseCreationOptionsFromJSON(options: unknown): unknown
  parseRequestOptionsFromJSON(options: unknown): unknown
}
type Made = { toJSON(): never } | null
interface Credentials {
  create(options: { publicKey: unknown }): Promise<Made>
  get(options: { publicKey: unknown }): Promise<Made>
}
declare const PublicKeyCredential: PublicKeys
declare const navigator: { readonly credentials: Credentials }
declare const window: { passkeys?: typeof passkeys }

type Given = Parameters<typeof createClient>[0]

const made = (credential: Made): never => {
  if (!credential) throw new Error('The browser made no credential')
  return credential.toJSON()
}

/** What a test calls in the page. */
export const passkeys = {
  async register(given: Given, name: string) {
    const { core } = createClient(given)
    const options = await core.passkeys.registrationOptions.mutate()
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
    const credential = made(await navigator.credentials.create({ publicKey }))
    return core.passkeys.register.mutate({ credential, name })
  },

  /** Answers whose profile the session that it began reads. */
  async signIn(given: Given) {
    const { core } = createClient(given)
    const options = await core.passkeys.signInOptions.mutate()
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
    await core.passkeys.signIn.mutate({ credential: made(await navigator.credentials.get({ publicKey })) })
    return (await core.accounts.get.query()).email
  },
}

window.passkeys = passkeys
