import { contract, walk } from '@plinth/contract'
import { eventually } from '@plinth/db/testing'
import { testApp } from '@plinth/testing'
import { expect, test, vi } from 'vitest'
import type { TestRouter } from '../test/contract.ts'
import { BAD_GATEWAY, type Fault, faultProxy } from '../test/faults.ts'
import { surfaceServer } from '../test/servers.ts'
import { type ClientOptions, createClient, createClientOf } from './client.ts'
import { type CallError, isCallError, isPlinthError } from './errors.ts'
import type { Fetch } from './fetch.ts'
import { notRepeatable } from './not-repeatable.generated.ts'
import { jitter, type RetryOptions, retryAfterMs } from './retries.ts'

const fast = { baseMs: 1, maxMs: 2 }

const setUp = async (options: Partial<ClientOptions> = {}) => {
  const app = await testApp()
  const proxy = await faultProxy(app.url)
  const { accessToken } = await app.as('admin')
  const client = createClient({ url: proxy.url, tokens: { accessToken }, retry: fast, ...options })
  return {
    app,
    proxy,
    client,
    keys: () => proxy.passed.map(({ headers }) => headers['idempotency-key']),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]()
      await app[Symbol.asyncDispose]()
    },
  }
}

const failureOf = async (call: Promise<unknown>): Promise<CallError> => {
  const error: unknown = await call.then(
    () => 'no error',
    (failure: unknown) => failure,
  )
  if (!isCallError(error)) throw new Error(`not an error of a call: ${String(error)}`)
  return error
}

/** The platform's fetch that notes the status of each answer. */
const recordedAnswers = () => {
  const recorded: number[] = []
  const fetch: Fetch = async (url, init) => {
    const answer = await globalThis.fetch(url, init)
    recorded.push(answer.status)
    return answer
  }
  return { recorded, fetch }
}

const busy = (headers: Readonly<Record<string, string>> = {}): Fault => ({ status: 503, headers })

test.each<[string, Fault]>([
  ['a connection that was reset', 'reset'],
  ['an answer that was lost', 'lost answer'],
  ['an answer that broke off', 'half an answer'],
  ['the page of a proxy', BAD_GATEWAY],
  ['429 without a body', { status: 429 }],
  ['503', busy()],
  [
    '504 in JSON of somebody else',
    { status: 504, headers: { 'content-type': 'application/json' }, body: '{}' },
  ],
])('a query is made again after %s', async (_name, fault) => {
  await using world = await setUp()
  world.proxy.next(fault, fault)
  expect((await world.client.core.accounts.get.query()).role).toBe('admin')
  expect(world.proxy.passed).toHaveLength(3)
})

test('a mutation whose answer was lost is made again with its key and done once; the next one has its own', async () => {
  await using world = await setUp()
  world.proxy.next('lost answer', 'lost answer')
  const { tags } = world.client.commerce
  const first = await tags.create.mutate({ name: 'Summer' })
  const second = await tags.create.mutate({ name: 'Winter' })
  expect((await tags.list.query({})).items.map(({ id }) => id)).toEqual([first.id, second.id])
  const [key, again, third, other] = world.keys()
  expect([key, again, third]).toEqual([key, key, key])
  expect(key).toMatch(/^[0-9a-f]{32}$/)
  expect(other).not.toBe(key)
})

test('a call whose first try is still being worked on waits for the answer of that one', async () => {
  await using server = await surfaceServer()
  const { recorded, fetch } = recordedAnswers()
  const client = createClientOf<TestRouter>({ url: server.url, tokens: { accessToken: 'ada' }, fetch })
  const add = () => client.test.values.add.mutate({ takesMs: 300 }, { context: { idempotencyKey: 'twice' } })
  expect(await Promise.all([add(), add()])).toEqual([{ calls: 1 }, { calls: 1 }])
  expect(recorded).toEqual([409, 200, 200])
})

test("the caller's own key wins, and stays the same when the call is made again", async () => {
  await using world = await setUp()
  world.proxy.next('lost answer')
  await world.client.commerce.tags.create.mutate({ name: 'Mine' }, { context: { idempotencyKey: 'mine' } })
  expect(world.keys()).toEqual(['mine', 'mine'])
})

test('what keeps no answer by key is never made again: a login, and what the caller names', async () => {
  await using world = await setUp({ retry: { ...fast, never: ['core.accounts.update'] } })
  world.proxy.next(busy(), busy())
  const login = world.client.core.sessions.login.mutate({ email: 'a@example.com', password: 'x' })
  expect(await failureOf(login)).toMatchObject({ reason: 'unreadable', status: 503 })
  await failureOf(world.client.core.accounts.update.mutate({ name: 'Ada' }))
  expect(world.proxy.passed).toHaveLength(2)
})

test('the table of what is never made again is what the contract says', () => {
  const told = [...walk(contract)].flatMap(([name, { kind, idempotent }]) =>
    kind === 'mutation' && !idempotent ? name : [],
  )
  expect(notRepeatable.toSorted(), 'npm run docs writes it').toEqual(told.toSorted())
})

test('a refusal is told at once: it would be the same again', async () => {
  await using world = await setUp()
  expect(await failureOf(world.client.commerce.tags.create.mutate({ name: '' }))).toMatchObject({
    status: 422,
  })
  world.proxy.next({ status: 500 })
  expect(await failureOf(world.client.commerce.tags.list.query({}))).toMatchObject({ status: 500 })
  expect(world.proxy.passed).toHaveLength(2)
})

test('a call is tried four times, or as often as wished, and not again when that is turned off', async () => {
  await using world = await setUp()
  const { list } = world.client.commerce.tags
  const tried = async (call: Promise<unknown>) => {
    const before = world.proxy.passed.length
    expect(await failureOf(call)).toMatchObject({ reason: 'network', status: null })
    return world.proxy.passed.length - before
  }
  const resets = (count: number) => world.proxy.next(...Array.from({ length: count }, () => 'reset' as const))
  resets(4)
  expect(await tried(list.query({}))).toBe(4)
  resets(2)
  expect(await tried(list.query({}, { context: { retry: { tries: 2 } } }))).toBe(2)
  resets(1)
  expect(await tried(list.query({}, { context: { retry: false } }))).toBe(1)
})

test('an option that is undefined keeps its default', async () => {
  const retry: RetryOptions = { maxMs: 2 }
  // As programs do that are not type-checked.
  Object.assign(retry, { tries: undefined, baseMs: undefined })
  await using world = await setUp({ retry })
  const { list } = world.client.commerce.tags
  world.proxy.next('reset', 'reset', 'reset', 'reset', 'reset', 'reset')
  await failureOf(list.query({}))
  expect(world.proxy.passed).toHaveLength(4)
  await failureOf(list.query({}, { context: { retry: { ...retry, tries: 2 } } }))
  expect(world.proxy.passed).toHaveLength(6)
})

test('what the client never makes again is not made again where a call names more', async () => {
  await using world = await setUp({ retry: { ...fast, never: ['core.accounts.update'] } })
  world.proxy.next(busy(), busy(), busy())
  const context = { retry: { never: ['commerce.tags.create'] } }
  await failureOf(world.client.core.accounts.update.mutate({ name: 'Ada' }, { context }))
  await failureOf(world.client.commerce.tags.create.mutate({ name: 'Ada' }, { context }))
  expect(world.proxy.passed).toHaveLength(2)
})

test('Retry-After is waited for, and a longer one than the client would wait fails at once', async () => {
  await using world = await setUp()
  const { list } = world.client.commerce.tags
  world.proxy.next(busy({ 'retry-after': '1' }))
  await list.query({})
  const [first, second] = world.proxy.passed
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990)
  world.proxy.next(busy({ 'retry-after': '31' }))
  expect(await failureOf(list.query({}))).toMatchObject({ status: 503 })
  expect(world.proxy.passed).toHaveLength(3)
})

test("the server's own 503 is waited out as well", async () => {
  await using app = await testApp({ env: { PLINTH_HTTP_MAX_IN_FLIGHT: '1' } })
  await using proxy = await faultProxy(app.url)
  const client = createClient({ url: proxy.url, batch: false, retry: { tries: 10 } })
  const answers = await Promise.all(Array.from({ length: 8 }, () => client.commerce.tags.list.query({})))
  expect(answers).toHaveLength(8)
})

test('a call ends when its time is over, however it spends it', async () => {
  await using world = await setUp()
  const { list } = world.client.commerce.tags
  world.proxy.next('silence')
  const late = await failureOf(list.query({}, { context: { timeoutMs: 50 } }))
  expect(late).toMatchObject({ reason: 'timeout', message: 'No answer within 50 ms' })
  // There is no time left for the wait that the server asks for, so it is not begun.
  world.proxy.next(busy({ 'retry-after': '20' }))
  expect(await failureOf(list.query({}, { context: { timeoutMs: 5000 } }))).toMatchObject({ status: 503 })
  expect(world.proxy.passed).toHaveLength(2)
  await using impatient = await setUp({ timeoutMs: 50 })
  impatient.proxy.next('silence')
  expect(await failureOf(impatient.client.commerce.tags.list.query({}))).toMatchObject({ reason: 'timeout' })
  expect(
    await impatient.client.commerce.tags.list.query({}, { context: { timeoutMs: Infinity } }),
  ).toBeTruthy()
})

test('an abort ends a call at once, on its way and between two tries', async () => {
  await using world = await setUp()
  const { list } = world.client.commerce.tags
  for (const fault of ['silence', busy({ 'retry-after': '20' })] as const) {
    const before = world.proxy.passed.length
    const stop = new AbortController()
    world.proxy.next(fault)
    const call = failureOf(list.query({}, { signal: stop.signal }))
    await eventually(() => expect(world.proxy.passed).toHaveLength(before + 1))
    stop.abort()
    expect(await call).toMatchObject({ reason: 'abort' })
    expect(world.proxy.passed).toHaveLength(before + 1)
  }
  const gone = AbortSignal.abort()
  expect(await failureOf(list.query({}, { signal: gone }))).toMatchObject({ reason: 'abort' })
  expect(world.proxy.passed).toHaveLength(2)
})

test('one call of a batch may be aborted while the others go on', async () => {
  await using world = await setUp()
  const stop = new AbortController()
  const { list } = world.client.commerce.tags
  const [aborted, answered] = [list.query({}, { signal: stop.signal }), list.query({})]
  stop.abort()
  expect(await failureOf(aborted)).toMatchObject({ reason: 'abort' })
  expect((await answered).items).toEqual([])
})

test('every error has a request id: of the answer, or else the one that was sent', async () => {
  await using world = await setUp({ retry: false })
  const { tags } = world.client.commerce
  const sent = () => world.proxy.passed.at(-1)?.headers['x-request-id']
  const refused = await failureOf(tags.create.mutate({ name: '' }))
  expect([refused.requestId, refused.reason]).toEqual([sent(), 'answer'])
  expect(isPlinthError(refused) && refused.data.requestId).toBe(sent())
  world.proxy.next(BAD_GATEWAY)
  const page = await failureOf(tags.list.query({}))
  expect(page).toMatchObject({ requestId: 'of-the-proxy', reason: 'unreadable', status: 502 })
  expect(page.message).toContain('status 502 with text/html')
  world.proxy.next({ status: 502 })
  expect((await failureOf(tags.list.query({}))).requestId).toBe(sent())
  world.proxy.next('reset', 'silence')
  expect((await failureOf(tags.list.query({}))).requestId).toBe(sent())
  const late = await failureOf(tags.list.query({}, { context: { timeoutMs: 300 } }))
  expect([late.requestId, late.reason]).toEqual([sent(), 'timeout'])
  expect(new Set(world.proxy.passed.map(({ headers }) => headers['x-request-id'])).size).toBe(5)
})

test('all calls of a batch are told the id of the request that carried them', async () => {
  await using world = await setUp({ retry: false })
  const { core } = world.client
  world.proxy.next('reset')
  const errors = await Promise.all([
    failureOf(core.accounts.get.query()),
    failureOf(core.sessions.list.query({})),
  ])
  expect(world.proxy.passed).toHaveLength(1)
  const id = world.proxy.passed[0]?.headers['x-request-id']
  expect(errors.map(({ requestId }) => requestId)).toEqual([id, id])
})

test('a call that was not sent says so', async () => {
  const headers = () => Promise.reject(new Error('no headers today'))
  const client = createClient({ url: 'http://127.0.0.1:9', headers })
  expect(await failureOf(client.commerce.tags.list.query({}))).toMatchObject({
    reason: 'unsent',
    message: 'no headers today',
  })
})

test('waits grow twofold up to their bound, and each is a random part of that', () => {
  const random = vi.spyOn(Math, 'random').mockReturnValue(1)
  const waits = [1, 2, 3, 4, 5, 99].map((tries) => jitter(tries, { baseMs: 100, maxMs: 1000 }))
  random.mockReturnValue(0)
  const none = jitter(5, { baseMs: 100, maxMs: 1000 })
  random.mockRestore()
  expect([waits, none]).toEqual([[100, 200, 400, 800, 1000, 1000], 0])
})

test('Retry-After is read as seconds and as a date', () => {
  const read = (value: string) => retryAfterMs(new Headers({ 'retry-after': value }))
  const inAMinute = read(new Date(Date.now() + 60_000).toUTCString())
  expect([read('7'), read('soon'), retryAfterMs(undefined)]).toEqual([7000, null, null])
  expect(inAMinute).toBeGreaterThan(58_000)
  expect(read('Wed, 21 Oct 2015 07:28:00 GMT')).toBe(0)
})
