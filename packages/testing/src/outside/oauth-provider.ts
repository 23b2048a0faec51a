import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { idTokenMaker } from './id-tokens.ts'
import { type Asked, endpoints, type Misbehaviour, type ProviderParts } from './oauth-endpoints.ts'
import { createGrants, type Person } from './oauth-grants.ts'

/** Whom a provider can play. */
export type ProviderDialect = 'google' | 'github' | 'facebook'

/** What a browser brings back from a provider. */
export interface CallbackParameters {
  readonly state: string
  readonly code?: string
  readonly error?: string
}

/** A provider of OAuth 2.0 and OpenID Connect on loopback, which checks what it is given. */
export interface TestOAuthProvider extends AsyncDisposable {
  readonly url: string
  /** Ways in which it is wrong from now on; none as long as nothing is added. */
  readonly misbehaves: Set<Misbehaviour>
  /** Paths that were asked for. */
  readonly asked: readonly string[]
  /** Codes, tokens and secrets that it has seen or given. */
  readonly secrets: ReadonlySet<string>
  /** Settings, by environment variable, of a server that signs in with it. */
  env(): Record<string, string>
  /** Opens an address as the browser of a person who agrees, and answers what comes back. */
  visit(url: string, person: Person): Promise<CallbackParameters>
}

interface ProviderOptions {
  /** The web application that browsers come back to. */
  readonly page?: string
  /** The moment, for the times in ID tokens. */
  readonly now?: () => Date
  /** Who comes with a browser that {@link TestOAuthProvider.visit} is not; left out: nobody may. */
  readonly somebody?: Person
}

const DIALECTS: readonly ProviderDialect[] = ['google', 'github', 'facebook']

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

const pour = (response: ServerResponse): void => {
  const chunk = 'x'.repeat(16_384)
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more)
  }
  response.on('error', () => undefined)
  more()
}

const failing: Readonly<Partial<Record<Misbehaviour, (response: ServerResponse) => unknown>>> = {
  silent: () => undefined,
  down: (response) => response.writeHead(503).end(),
  garbage: (response) => response.writeHead(200).end('<html>Bad gateway</html>'),
  endless: (response) => pour(response.writeHead(200)),
}

const answer = (parts: ProviderParts, asked: Asked, response: ServerResponse): unknown => {
  const { pathname } = asked.url
  const fail = [...parts.misbehaves].map((each) => failing[each]).find((each) => each !== undefined)
  if (fail && pathname !== '/authorize') return fail(response)
  const endpoint = endpoints[`${asked.request.method} ${pathname}`]
  return endpoint ? endpoint(parts, asked, response) : response.writeHead(404).end()
}

const listen = async (parts: Omit<ProviderParts, 'url'>, asked: string[]) => {
  const state = { url: '' }
  const server = createServer((request, response) => {
    const receive = async (): Promise<void> => {
      const url = new URL(request.url ?? '/', state.url)
      asked.push(url.pathname)
      await answer({ ...parts, ...state }, { request, url, body: await readBody(request) }, response)
    }
    receive().catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: state.url, close }
}

const settingsOf = (url: string, { client }: Pick<ProviderParts, 'client'>): Record<string, string> => {
  const common = {
    CLIENT_ID: client.id,
    CLIENT_SECRET: client.secret,
    AUTHORIZATION_URL: `${url}/authorize`,
    TOKEN_URL: `${url}/token`,
  }
  const all = {
    GOOGLE: { ...common, KEYS_URL: `${url}/keys`, ISSUER: url },
    GITHUB: { ...common, USER_URL: `${url}/user`, EMAILS_URL: `${url}/user/emails` },
    FACEBOOK: { ...common, USER_URL: `${url}/me` },
  }
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, settings]) =>
      Object.entries(settings).map(([key, value]) => [`PLINTH_SOCIAL_${name}_${key}`, value]),
    ),
  )
}

const callbackOf = async (response: Response): Promise<CallbackParameters> => {
  const location = response.headers.get('location')
  if (location === null) throw new Error(`The provider answered ${await response.text()}`)
  const { searchParams } = new URL(location)
  const [code, error] = [searchParams.get('code'), searchParams.get('error')]
  const state = searchParams.get('state') ?? ''
  return { state, ...(code !== null && { code }), ...(error !== null && { error }) }
}

/** Starts a provider. */
export const testOAuthProvider = async ({
  page = 'http://localhost:4000',
  now = () => new Date(),
  somebody,
}: ProviderOptions = {}): Promise<TestOAuthProvider> => {
  const client = {
    id: 'plinth-test',
    secret: randomBytes(18).toString('base64url'),
    redirectUris: DIALECTS.map((name) => `${page}/sign-in/${name}/callback`),
  }
  const misbehaves = new Set<Misbehaviour>()
  const asked: string[] = []
  const secrets = new Set([client.secret])
  const visitors = new Map<string, Person>()
  const parts = {
    client,
    misbehaves,
    now,
    grants: createGrants(client),
    idTokens: idTokenMaker(),
    visitor: (cookie = '') => visitors.get(/visitor=(\S+)/.exec(cookie)?.[1] ?? '') ?? somebody,
    keep(secret: string): string {
      secrets.add(secret)
      return secret
    },
  }
  const { url, close } = await listen(parts, asked)
  return {
    url,
    misbehaves,
    asked,
    secrets,
    env: () => settingsOf(url, parts),
    async visit(address, person) {
      const visitor = randomBytes(9).toString('base64url')
      visitors.set(visitor, person)
      const headers = { cookie: `visitor=${visitor}` }
      return callbackOf(await fetch(address, { headers, redirect: 'manual' }))
    },
    [Symbol.asyncDispose]: close,
  }
}
