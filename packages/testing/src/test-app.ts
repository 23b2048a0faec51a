import {
  allMigrations,
  type Composed,
  compose,
  plinth,
  readConfig,
  type Settings,
  type Surface,
  startServer,
} from '@plinth/api'
import type { Account, AppRouter } from '@plinth/contract'
import { createAccount } from '@plinth/core'
import type { Database, Migrations } from '@plinth/db'
import { testDatabaseUrl } from '@plinth/db/testing'
import { createLog, type KitTables, type Log } from '@plinth/kit'
import { createTRPCClient, httpLink, type TRPCClient } from '@trpc/client'
import { createFakeClock, type FakeClock } from './clock.ts'

/** tRPC's own client, typed by the contract. */
export type Client = TRPCClient<AppRouter>
/** The roles that an account can have. */
export type Role = 'user' | 'support' | 'moderator' | 'manager' | 'admin' | 'super_admin'

/** Somebody signed in: a client that carries the tokens, and the account behind it. */
export interface TestActor {
  readonly client: Client
  readonly account: Account
  readonly email: string
  readonly password: string
  readonly accessToken: string
  readonly refreshToken: string
}

/** One answer over REST, its body parsed when it is JSON. */
export interface RestAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
  readonly text: string
}

interface RestOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string
}

interface TestAppOptions {
  /** Settings by environment variable, over those of tests. */
  readonly env?: Readonly<Record<string, string>>
}

interface TestServerOptions extends TestAppOptions {
  readonly migrations: Migrations
  readonly surface: Surface
  /** A database that is there already, such as that of another server; it stays. Left out: a fresh one. */
  readonly databaseUrl?: string
}

/** A server that listens on a database of its own, whatever it serves. */
export interface TestServer extends AsyncDisposable {
  readonly url: string
  readonly settings: Settings
  readonly db: Database<KitTables>
  readonly clock: FakeClock
  readonly composed: Composed
  /** Lines that the server logged. */
  readonly logged: readonly Record<string, unknown>[]
  rest(method: string, path: string, options?: RestOptions): Promise<RestAnswer>
  /** Hands on events and runs jobs until nothing is due. */
  settle(): Promise<void>
}

// Fast on purpose: what is tested is not the cost of the hash. Limits are high, for tests of limits set their own.
const TEST_ENV = {
  NODE_ENV: 'test',
  PORT: '0',
  // Jobs come due by the fake clock, which no server knows.
  PLINTH_JOBS_STORE: 'table',
  PLINTH_DATABASE_SYNCHRONOUS: 'normal',
  PLINTH_DATABASE_POOL_MAX: '5',
  PLINTH_DATABASE_POOL_READ_MAX: '5',
  PLINTH_PASSWORD_HASH_MEMORY_COST: '64',
  PLINTH_PASSWORD_HASH_TIME_COST: '1',
  PLINTH_LIMITS: JSON.stringify({
    default: { perMinute: 1_000_000, burst: 1_000_000 },
    auth: { perMinute: 1_000_000, burst: 1_000_000 },
    otp: { perMinute: 1_000_000, burst: 1_000_000 },
  }),
}

const PASSWORD = 'a long enough test phrase 7'

const memoryLog = (): { log: Log; lines: Record<string, unknown>[] } => {
  const lines: Record<string, unknown>[] = []
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as Record<string, unknown>)
  }
  return { log: createLog({ level: 'info', modules: {} }, { write }), lines }
}

const clientFor = (url: string, headers: Readonly<Record<string, string>>): Client =>
  createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/trpc`, headers })] })

const callRest = async (
  url: string,
  method: string,
  path: string,
  options: RestOptions,
): Promise<RestAnswer> => {
  const { body, token } = options
  const headers: Record<string, string> = { ...options.headers }
  if (token !== undefined) headers.authorization = `Bearer ${token}`
  const raw = typeof body === 'string' || body instanceof FormData
  if (body !== undefined && !raw) headers['content-type'] ??= 'application/json'
  const response = await fetch(url + path, {
    method,
    headers,
    ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const json = /json/.test(response.headers.get('content-type') ?? '') && text !== ''
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: json ? JSON.parse(text) : undefined,
  }
}

/** Starts a server on a fresh copy of a migrated database. Dispose of it with `await using`. */
export const testServer = async (options: TestServerOptions): Promise<TestServer> => {
  const { env, migrations, surface, databaseUrl } = options
  const clock = createFakeClock()
  const { log, lines } = memoryLog()
  const database = databaseUrl === undefined ? await testDatabaseUrl(migrations) : null
  const url = databaseUrl ?? database?.url
  const settings = readConfig({ ...TEST_ENV, DATABASE_URL: url, ...env })
  const composed = await compose(settings, surface, { clock, log })
  // Background work runs when a test says so: `settle`.
  const server = await startServer(composed, settings, { background: false, guard: false })
  return {
    url: server.url,
    settings,
    db: composed.db,
    clock,
    composed,
    logged: lines,
    rest: (method, path, rest = {}) => callRest(server.url, method, path, rest),
    settle: () => composed.background.settle(),
    [Symbol.asyncDispose]: async () => {
      await server.stop()
      await database?.dispose()
    },
  }
}

/** All of Plinth on a database of its own, listening on loopback. */
export interface TestApp extends TestServer {
  /** A client that is not signed in. */
  readonly client: Client
  clientWith(headers: Readonly<Record<string, string>>): Client
  /** A new account of a role, signed in. */
  as(role: Role): Promise<TestActor>
  /** Mails that were sent, newest first. */
  mails(): ReturnType<Composed['mailbox']['list']>
}

/** A client that carries a token. */
export const tokenClient = (url: string, token: string): Client =>
  clientFor(url, { authorization: `Bearer ${token}` })

const signIn = async (server: TestServer, role: Role, index: number): Promise<TestActor> => {
  const { url, db, clock, settings } = server
  const email = `${role}-${index}@example.com`
  await db.transaction((trx) =>
    createAccount(
      trx,
      { email, password: PASSWORD, name: `Test ${role}`, role, verified: true },
      { clock, passwordHash: settings.passwordHash },
    ),
  )
  const { tokens, account } = await clientFor(url, {}).core.sessions.login.mutate({
    email,
    password: PASSWORD,
  })
  if (!tokens) throw new Error('A login by bearer answers its tokens')
  const { accessToken, refreshToken } = tokens
  const client = tokenClient(url, accessToken)
  return { client, account, email, password: PASSWORD, accessToken, refreshToken }
}

/** Starts all of Plinth on a fresh copy of the migrated database. Dispose of it with `await using`. */
export const testApp = async (options: Partial<TestServerOptions> = {}): Promise<TestApp> => {
  const server = await testServer({ migrations: allMigrations(), surface: plinth, ...options })
  let made = 0
  return {
    ...server,
    client: clientFor(server.url, {}),
    clientWith: (headers) => clientFor(server.url, headers),
    as(role) {
      made += 1
      return signIn(server, role, made)
    },
    mails: () => server.composed.mailbox.list({ limit: 100 }),
  }
}
