import { eventually } from '@plinth/db/testing'
import { type TestApp, testApp } from '@plinth/testing'
import { expect, test, vi } from 'vitest'
import { faultProxy } from '../test/faults.ts'
import { createClient } from './client.ts'
import { isPlinthError } from './errors.ts'
import { createSession, type Tokens } from './session.ts'
import { recordingFetch } from './testing.ts'
import { answerCheck } from './validation.ts'

const REFRESH = 'core.sessions.refresh'
const EXPIRE_MS = 16 * 60_000

const codeOf = async (call: Promise<unknown>): Promise<string> => {
  const error: unknown = await call.then(
    () => 'answered',
    (failure: unknown) => failure,
  )
  return isPlinthError(error) ? error.data.code : String(error)
}

const signedIn = async (app: TestApp, { batch = true, before }: Options = {}) => {
  const { email, accessToken, refreshToken } = await app.as('user')
  const kept: (Tokens | null)[] = []
  const network = recordingFetch(before)
  const client = createClient({
    url: app.url,
    tokens: { accessToken, refreshToken },
    onTokens: (tokens) => kept.push(tokens),
    fetch: network.fetch,
    batch,
  })
  return { client, email, kept, ...network }
}

interface Options {
  readonly batch?: boolean
  readonly before?: Parameters<typeof recordingFetch>[0]
}

const profiles = (client: ReturnType<typeof createClient>, count: number) =>
  Promise.all(Array.from({ length: count }, () => client.core.accounts.get.query()))

const forget = (app: TestApp, table: 'sessions' | 'logins') =>
  app.db.as<Record<typeof table, { id: string }>>().transaction((trx) => trx.deleteFrom(table).execute())

test('after a login calls are made for its account, until the logout', async () => {
  await using app = await testApp()
  const { email, password } = await app.as('user')
  const kept: (Tokens | null)[] = []
  const client = createClient({ url: `${app.url}/`, onTokens: (tokens) => kept.push(tokens) })
  expect(await codeOf(client.core.accounts.get.query())).toBe('NOT_SIGNED_IN')
  const { tokens } = await client.core.sessions.login.mutate({ email, password })
  expect((await client.core.accounts.get.query()).email).toBe(email)
  await client.core.sessions.logout.mutate()
  expect(await codeOf(client.core.accounts.get.query())).toBe('NOT_SIGNED_IN')
  expect(kept).toEqual([tokens, null])
})

test.each([{ batch: true }, { batch: false }])(
  'an expired token is renewed once for 20 calls at a time, which all answer (batch: $batch)',
  async ({ batch }) => {
    await using app = await testApp()
    const { client, email, kept, to } = await signedIn(app, { batch })
    app.clock.advance(EXPIRE_MS)
    const answers = await profiles(client, 20)
    expect(answers.map((account) => account.email)).toEqual(Array.from({ length: 20 }, () => email))
    expect(to(REFRESH)).toHaveLength(1)
    expect(kept).toHaveLength(1)
    app.clock.advance(EXPIRE_MS)
    await profiles(client, 3)
    expect(to(REFRESH)).toHaveLength(2)
  },
)

test('a call that was on its way when the token was replaced is made again with the new one', async () => {
  await using app = await testApp()
  const late = Promise.withResolvers<undefined>()
  const before: Options['before'] = ({ path }) => (path.includes('sessions.list') ? late.promise : undefined)
  const { client, to } = await signedIn(app, { batch: false, before })
  app.clock.advance(EXPIRE_MS)
  const delayed = client.core.sessions.list.query({})
  await client.core.accounts.get.query()
  late.resolve(undefined)
  expect((await delayed).items).toHaveLength(1)
  expect(to(REFRESH)).toHaveLength(1)
})

test('when the renewal is refused the session ends once and every call gets its own error', async () => {
  await using app = await testApp()
  const { client, kept, to } = await signedIn(app)
  app.clock.advance(31 * 24 * 3_600_000)
  const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(client.core.accounts.get.query())))
  expect(codes).toEqual(Array.from({ length: 5 }, () => 'TOKEN_EXPIRED'))
  expect(kept).toEqual([null])
  expect(to(REFRESH)).toHaveLength(1)
  expect(await codeOf(client.core.accounts.get.query())).toBe('NOT_SIGNED_IN')
  expect(to(REFRESH)).toHaveLength(1)
})

test('when the network fails during the renewal the session lives on', async () => {
  await using app = await testApp()
  let broken = true
  const { client, email, kept } = await signedIn(app, {
    before: ({ path }) =>
      broken && path.includes(REFRESH) ? Promise.reject(new TypeError('offline')) : undefined,
  })
  app.clock.advance(EXPIRE_MS)
  expect(await codeOf(client.core.accounts.get.query())).toBe('TOKEN_EXPIRED')
  expect(kept).toEqual([])
  broken = false
  expect((await client.core.accounts.get.query()).email).toBe(email)
})

test('without a refresh token an expired token is told and nothing is asked', async () => {
  await using app = await testApp()
  const { accessToken } = await app.as('user')
  const { fetch, to } = recordingFetch()
  const client = createClient({ url: app.url, tokens: { accessToken }, fetch })
  app.clock.advance(EXPIRE_MS)
  expect(await codeOf(client.core.accounts.get.query())).toBe('TOKEN_EXPIRED')
  expect(to(REFRESH)).toHaveLength(0)
})

test('a login that was ended elsewhere ends the session here', async () => {
  await using app = await testApp()
  const { client, kept } = await signedIn(app)
  const other = createClient({ url: app.url, tokens: null })
  const [login] = (await client.core.sessions.list.query({})).items
  await client.core.sessions.delete.mutate({ id: login?.id ?? '' })
  expect(await codeOf(client.core.accounts.get.query())).toBe('TOKEN_REVOKED')
  expect(kept).toEqual([null])
  expect(await codeOf(other.core.accounts.get.query())).toBe('NOT_SIGNED_IN')
})

test('a token that the server has forgotten is renewed as an expired one is', async () => {
  await using app = await testApp()
  const { client, email, kept, to } = await signedIn(app)
  app.clock.advance(8 * 24 * 3_600_000)
  await forget(app, 'sessions')
  expect((await client.commerce.products.list.query({})).items).toEqual([])
  expect((await client.core.accounts.get.query()).email).toBe(email)
  expect(to(REFRESH)).toHaveLength(1)
  expect(kept).toHaveLength(1)
})

test('a login that the server has forgotten ends the session', async () => {
  await using app = await testApp()
  const { client, kept } = await signedIn(app)
  await forget(app, 'logins')
  expect(await codeOf(client.core.accounts.get.query())).toBe('TOKEN_UNKNOWN')
  expect(kept).toEqual([null])
})

test('when the session has ended elsewhere, what anybody may call is answered, and a new login works at once', async () => {
  await using app = await testApp()
  const ended = async () => {
    const { email, password, client: elsewhere, accessToken, refreshToken } = await app.as('user')
    await elsewhere.core.sessions.logout.mutate()
    const { fetch, to } = recordingFetch()
    const client = createClient({ url: app.url, tokens: { accessToken, refreshToken }, fetch })
    return { client, email, password, to }
  }
  const guest = await ended()
  const [products, account] = await Promise.allSettled([
    guest.client.commerce.products.list.query({}),
    guest.client.core.accounts.get.query(),
  ])
  expect(products).toMatchObject({ status: 'fulfilled', value: { items: [] } })
  expect(account).toMatchObject({ status: 'rejected', reason: { data: { code: 'TOKEN_REVOKED' } } })
  const { client, email, password, to } = await ended()
  await client.core.sessions.login.mutate({ email, password })
  expect((await client.core.accounts.get.query()).email).toBe(email)
  expect(to('core.sessions.').map(({ headers }) => headers.authorization)).toEqual([undefined])
})

test('a refresh made by hand does not need an access token that is good', async () => {
  await using app = await testApp()
  const { refreshToken } = await app.as('user')
  const client = createClient({ url: app.url, tokens: { accessToken: 'damaged' } })
  await client.core.sessions.refresh.mutate({ refreshToken })
  expect((await client.core.accounts.get.query()).role).toBe('user')
})

test('a renewal that is never answered is given up, and the next one is made', async () => {
  await using app = await testApp()
  const { refreshToken } = await app.as('user')
  let silent = true
  const { fetch, to } = recordingFetch(() => (silent ? new Promise<undefined>(() => {}) : undefined))
  const session = createSession({
    trpcUrl: `${app.url}/trpc`,
    mode: 'token',
    tokens: { accessToken: 'old', refreshToken },
    onTokens: undefined,
    fetch,
    headers: async () => ({}),
    renewalMs: 3000,
  })
  expect(await Promise.all([session.renew(0), session.renew(0)])).toEqual([false, false])
  expect(to(REFRESH)).toHaveLength(1)
  silent = false
  expect(await session.renew(0)).toBe(true)
  expect(session.accessToken()).toMatch(/^pla_/)
})

test.each([
  [
    'throws',
    () => {
      throw new Error('storage is full')
    },
  ],
  ['rejects', () => Promise.reject(new Error('storage is full'))],
])('a login works although onTokens %s, which is told apart', async (_how, onTokens) => {
  await using app = await testApp()
  const { email, password } = await app.as('user')
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  try {
    const client = createClient({ url: app.url, onTokens })
    await client.core.sessions.login.mutate({ email, password })
    expect((await client.core.accounts.get.query()).email).toBe(email)
    await client.core.sessions.logout.mutate()
    expect(told).toHaveBeenCalledTimes(2)
    expect(told).toHaveBeenCalledWith(expect.stringContaining('onTokens'), new Error('storage is full'))
  } finally {
    told.mockRestore()
  }
})

test.each([
  ['with a refresh token', true],
  ['without one', false],
])(
  'a logout whose answer was lost is done, %s, and one of somebody who is not signed in is refused',
  async (_how, renewable) => {
    await using app = await testApp()
    await using proxy = await faultProxy(app.url)
    const { accessToken, refreshToken } = await app.as('user')
    const kept: (Tokens | null)[] = []
    const client = createClient({
      url: proxy.url,
      tokens: { accessToken, ...(renewable && { refreshToken }) },
      onTokens: (tokens) => kept.push(tokens),
      retry: { baseMs: 1 },
      check: answerCheck(),
    })
    proxy.next('lost answer')
    expect(await client.core.sessions.logout.mutate()).toMatchObject({ endedAt: expect.any(String) })
    expect(kept).toEqual([null])
    expect(await codeOf(client.core.sessions.logout.mutate())).toBe('NOT_SIGNED_IN')
  },
)

test('a logout that was done before tells which login it was, where the client knows', async () => {
  await using app = await testApp()
  await using proxy = await faultProxy(app.url)
  const { email, password } = await app.as('user')
  const client = createClient({ url: proxy.url, retry: { baseMs: 1 } })
  const { loginId } = await client.core.sessions.login.mutate({ email, password })
  proxy.next('lost answer')
  expect((await client.core.sessions.logout.mutate()).loginId).toBe(loginId)
})

test('a mutation that is made again after the renewal carries the same idempotency key, another one its own', async () => {
  await using app = await testApp()
  const { client, to } = await signedIn(app)
  app.clock.advance(EXPIRE_MS)
  await client.core.accounts.update.mutate({ name: 'Ada' })
  await client.core.accounts.update.mutate({ name: 'Grace' }, { context: { idempotencyKey: 'mine' } })
  const keys = to('accounts.update').map(({ headers }) => headers['idempotency-key'])
  expect(keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), keys[0], 'mine'])
})

test('a call that was aborted while its token was renewed is not made again', async () => {
  await using app = await testApp()
  const held = Promise.withResolvers<undefined>()
  const { client, to } = await signedIn(app, {
    before: ({ path }) => (path.includes(REFRESH) ? held.promise : undefined),
  })
  app.clock.advance(EXPIRE_MS)
  const stop = new AbortController()
  const call = codeOf(client.core.accounts.get.query(undefined, { signal: stop.signal }))
  await eventually(() => expect(to(REFRESH)).toHaveLength(1))
  stop.abort()
  held.resolve(undefined)
  expect(await call).toMatch(/abort/i)
  expect(to('accounts.get')).toHaveLength(1)
})
