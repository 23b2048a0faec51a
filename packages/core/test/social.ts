import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import {
  type CallbackParameters,
  type Person,
  type ProviderDialect,
  type TestOAuthProvider,
  testOAuthProvider,
} from '@plinth/testing/outside'

/** The web application of tests. */
export const PAGE = 'http://localhost:4000'

/** What a server answers, with the code of its refusal. */
export interface Answered {
  readonly status: number
  readonly code: string | null
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Headers
}

/** A server that people sign in to with a provider on loopback. */
export interface SocialApp extends AsyncDisposable {
  readonly app: TestApp
  readonly provider: TestOAuthProvider
  /** Somebody new at the provider, with a verified address, unless told otherwise. */
  person(told?: Partial<Person>): Person
  /** What the callback brings, and what the browser kept. */
  callback(
    person: Person,
    how?: { dialect?: ProviderDialect; of?: TestActor },
  ): Promise<CallbackParameters & { flowToken: string }>
  complete(dialect: ProviderDialect, body: object, headers?: Record<string, string>): Promise<Answered>
  link(of: TestActor, dialect: ProviderDialect, body: object): Promise<Answered>
  /** From the begin to the answer. */
  signIn(person: Person, dialect?: ProviderDialect, more?: object): Promise<Answered>
}

/** Starts both. */
export const socialApp = async (env: Readonly<Record<string, string>> = {}): Promise<SocialApp> => {
  // The server's clock is only known once it is there.
  const clock = { now: () => new Date() }
  const provider = await testOAuthProvider({ page: PAGE, now: () => clock.now() })
  const app = await testApp({ env: { PLINTH_WEB_URL: PAGE, ...provider.env(), ...env } })
  clock.now = app.clock.now
  let made = 0
  const send = async (path: string, body: object, headers: Record<string, string>): Promise<Answered> => {
    const answer = await app.rest('POST', `/api/v1${path}`, { body, headers })
    const answered = (answer.body ?? {}) as Answered['body']
    const code = typeof answered.code === 'string' ? answered.code : null
    return { status: answer.status, code, body: answered, headers: answer.headers }
  }
  const complete: SocialApp['complete'] = (dialect, body, headers = {}) =>
    send('/auth/social/complete', { ...body, provider: dialect }, headers)
  const callback: SocialApp['callback'] = async (person, { dialect = 'google', of } = {}) => {
    const begun = of
      ? await of.client.core.identities.beginLink.mutate({ provider: dialect })
      : await app.client.core.identities.begin.mutate({ provider: dialect })
    return { ...(await provider.visit(begun.url, person)), flowToken: begun.flowToken ?? '' }
  }
  return {
    app,
    provider,
    person(told = {}) {
      made += 1
      const subject = String(1_000_000 + made)
      return {
        subject,
        name: 'Grace Hopper',
        email: `grace-${made}@example.com`,
        emailVerified: true,
        ...told,
      }
    },
    callback,
    complete,
    link: ({ accessToken }, dialect, body) =>
      send(
        '/user/identities/link',
        { ...body, provider: dialect },
        { authorization: `Bearer ${accessToken}` },
      ),
    signIn: async (person, dialect = 'google', more = {}) =>
      complete(dialect, { ...(await callback(person, { dialect })), ...more }),
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      await provider[Symbol.asyncDispose]()
    },
  }
}
