import type { AppRouter } from '@plinth/contract'
import { createTRPCClient, httpLink } from '@trpc/client'
import { reading } from './answers.ts'
import { isPlinthError } from './errors.ts'
import type { Fetch } from './fetch.ts'
import type { Outputs } from './types.ts'

/** Tokens as `core.sessions.login` answers them; without a refresh token they are not renewed. */
export interface Tokens {
  readonly accessToken: string
  readonly refreshToken?: string
}

type SignedIn = Outputs['core']['sessions']['refresh']
type Renewed = Pick<SignedIn, 'tokens'> & Partial<Pick<SignedIn, 'loginId'>>

/** Who the calls of one client are made for, and how that is renewed. */
export interface Session {
  /** Goes up with every change of who calls; tells calls made before from those made after. */
  generation(): number
  accessToken(): string | null
  /** The id of the login, where an answer told it. */
  loginId(): string | null
  /** Takes note of a login; its tokens are null where they are kept in cookies. */
  begin(login: Renewed): void
  end(): void
  /**
   * Renews what calls of a generation were made with; true when it makes sense to make them again. However many
   * ask, one request is made. A refusal ends the session, and so does a lack of what to renew it with; a network that
   * fails does not.
   */
  renew(generation: number): Promise<boolean>
}

const LOGINS: ReadonlySet<string> = new Set([
  'core.sessions.login',
  'core.passkeys.signIn',
  'core.identities.complete',
])

/** Whether a call is one whose answer begins a session. */
export const isLogin = (path: string): boolean => LOGINS.has(path)

/** Whether a call is one by which somebody shows anew who they are. */
export const signsIn = (path: string): boolean => isLogin(path) || path === 'core.sessions.refresh'

/** The headers that show who calls. */
export const bearer = (session: Session): Record<string, string> => {
  const token = session.accessToken()
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

// Long, for the server may have spent the refresh token all the same: asked with it again it ends the login.
const RENEWAL_MS = 15_000

interface SessionOptions {
  readonly trpcUrl: string
  readonly mode: 'token' | 'cookie'
  readonly tokens: Tokens | null
  readonly onTokens: ((tokens: Tokens | null) => unknown) | undefined
  readonly fetch: Fetch
  readonly headers: () => Promise<Record<string, string>>
  /** How long a renewal may take, whatever the calls that wait for it may; 15 000 when left out. */
  readonly renewalMs?: number
}

interface Locks {
  request<R>(
    name: string,
    options: { ifAvailable: boolean },
    work: (lock: object | null) => Promise<R>,
  ): Promise<R>
}

/** Tabs of one browser share the refresh cookie: one of them spends it, the others wait until it has. */
const oncePerBrowser = async (name: string, work: () => Promise<Renewed>): Promise<Renewed> => {
  const { locks } = (globalThis.navigator ?? {}) as { readonly locks?: Locks }
  if (!locks) return work()
  const first = await locks.request(name, { ifAvailable: true }, async (lock) => (lock ? work() : null))
  return first ?? locks.request(name, { ifAvailable: false }, async () => ({ tokens: null }))
}

/** Gives work up when its time is over, also where it does not heed its signal. */
const within = <R>(ms: number, work: (signal: AbortSignal) => Promise<R>): Promise<R> =>
  new Promise((resolve, reject) => {
    const stop = new AbortController()
    const timer = setTimeout(() => {
      stop.abort()
      reject(new Error(`No answer within ${ms} ms`))
    }, ms)
    void work(stop.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })

/** Tells of new tokens. That they could not be kept is no failure of the call that brought them. */
const tell = (onTokens: SessionOptions['onTokens'], tokens: Tokens | null): void => {
  new Promise((resolve) => resolve(onTokens?.(tokens))).catch((cause: unknown) =>
    console.error('onTokens of the Plinth client failed', cause),
  )
}

/** Keeps the session of one client. */
export const createSession = (options: SessionOptions): Session => {
  const { trpcUrl, mode, onTokens, headers, renewalMs = RENEWAL_MS } = options
  const link = httpLink<AppRouter>({ url: trpcUrl, fetch: reading(options.fetch), headers })
  const client = createTRPCClient<AppRouter>({ links: [link] })
  let tokens = options.tokens
  let loginId: string | null = null
  let generation = 0
  let renewing: Promise<boolean> | null = null

  const begin = (login: Renewed): void => {
    tokens = login.tokens
    loginId = login.loginId ?? loginId
    generation += 1
    if (tokens) tell(onTokens, tokens)
  }

  const end = (): void => {
    tokens = null
    generation += 1
    tell(onTokens, null)
  }

  const refresh = (input: { refreshToken?: string }): Promise<Renewed> =>
    within(renewalMs, (signal) => client.core.sessions.refresh.mutate(input, { signal }))

  const request = (): Promise<Renewed> | null => {
    if (mode === 'cookie') return oncePerBrowser(`plinth-refresh ${trpcUrl}`, () => refresh({}))
    const refreshToken = tokens?.refreshToken
    return refreshToken === undefined ? null : refresh({ refreshToken })
  }

  const renewNow = async (): Promise<boolean> => {
    const before = generation
    try {
      const answer = await request()
      if (!answer) {
        if (tokens) end()
        return false
      }
      // A login made or ended meanwhile is newer than this answer.
      if (generation === before) begin(answer)
      return generation !== before
    } catch (error) {
      if (isPlinthError(error) && error.data.httpStatus === 401 && generation === before) end()
      return false
    }
  }

  return {
    generation: () => generation,
    accessToken: () => tokens?.accessToken ?? null,
    loginId: () => loginId,
    begin,
    end,
    renew(asked) {
      if (asked !== generation) return Promise.resolve(true)
      renewing ??= renewNow().finally(() => {
        renewing = null
      })
      return renewing
    },
  }
}
