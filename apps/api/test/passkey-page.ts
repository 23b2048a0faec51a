import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CDPSession, Page } from 'playwright-core'

/** Serves an empty page: the origin of a web application. */
export const servePage = async (): Promise<AsyncDisposable & { readonly origin: string }> => {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Shop</title>')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://localhost:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}

/** What a web application does with passkeys in the browser: it calls the server and hands on what browsers make of it. */
const SCRIPT = `
  const call = async (path, body = {}) => {
    const headers = { 'content-type': 'application/json' }
    if (window.token) headers.authorization = 'Bearer ' + window.token
    const answer = await fetch(window.server + '/api/v1' + path, { method: 'POST', headers, body: JSON.stringify(body) })
    return answer.json()
  }
  const weak = { userVerification: 'discouraged', residentKey: 'discouraged', requireResidentKey: false }
  const weaker = (options) => (window.isWeak ? { ...options, ...weak, ...window.naming, authenticatorSelection: weak } : options)
  const create = async () => {
    const options = await call('/user/passkeys/options')
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(weaker(options))
    return (await navigator.credentials.create({ publicKey })).toJSON()
  }
  const get = async (path) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(weaker(await call(path)))
    return (await navigator.credentials.get({ publicKey })).toJSON()
  }
  const register = async (name) => call('/user/passkeys', { credential: await create(), name })
  const signIn = async () => call('/auth/passkey', { credential: await get('/auth/passkey/options') })
  const prove = async () => call('/auth/prove', { passkey: await get('/auth/prove/options') })
`

/** A page of a web application, with a browser that has one authenticator. */
export interface PasskeyPage {
  readonly cdp: CDPSession
  /** The id of the authenticator. */
  authenticatorId: string
  /** Runs a function of the page with arguments that are JSON. */
  run(call: string): Promise<unknown>
}

/** An authenticator of the browser itself, such as a fingerprint reader. */
const INTERNAL = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const

/** A key that is plugged in and does not know who touches it. */
export const NO_VERIFICATION = {
  transport: 'usb',
  hasUserVerification: false,
  isUserVerified: false,
} as const

interface Opened {
  /** Where the page comes from. */
  readonly origin: string
  /** Where it finds the server. */
  readonly server: string
  readonly token?: string
  readonly authenticator?: Partial<typeof INTERNAL> | typeof NO_VERIFICATION
  /** Whether it asks the authenticator for less than the server said. */
  readonly isWeak?: boolean
}

/** Opens a page in a browser with a virtual authenticator (WebAuthn, section 11). */
export const openPasskeyPage = async (page: Page, opened: Opened): Promise<PasskeyPage> => {
  const { origin, server, token, authenticator, isWeak } = opened
  await page.goto(`${origin}/`)
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable', { enableUI: false })
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...INTERNAL, ...authenticator },
  })
  const known = JSON.stringify({ server, token, isWeak })
  await page.addScriptTag({ content: `Object.assign(window, ${known});${SCRIPT}` })
  return { cdp, authenticatorId, run: (call) => page.evaluate(call) }
}
