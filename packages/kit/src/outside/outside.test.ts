import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bufferedOutput, createLog } from '../log.ts'
import { createMetrics } from '../metrics.ts'
import { isPermanent, OutsideError } from './error.ts'
import type { OutsideLimits } from './limits.ts'
import { createOutside } from './outside.ts'

const LIMITS: OutsideLimits = {
  timeoutMs: 2000,
  deadlineMs: 5000,
  retries: 2,
  backoffMs: 1,
  maxBackoffMs: 5,
  failureRatio: 0.5,
  windowCalls: 10,
  minimumCalls: 4,
  openMs: 1000,
  concurrency: 2,
  queue: 1,
}

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void

const closing: (() => void)[] = []
afterEach(() => {
  vi.useRealTimers()
  for (const close of closing.splice(0)) close()
})

/** A server on loopback that answers as the test says, and a dependency that asks it. */
const setUp = async (answer: Answer, own: Partial<OutsideLimits> = {}) => {
  let count = 0
  const server = createServer((request, response) => answer(request, response, ++count))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => server.close().closeAllConnections())
  const metrics = createMetrics()
  const log = createLog({ level: 'silent', modules: {} }, bufferedOutput().destination)
  const outside = createOutside({
    settings: { ...LIMITS, ...own, dependencies: {} },
    metrics,
    log: log.module('outside'),
  })
  const dependency = outside.dependency('rates')
  const ask = async (signal: AbortSignal): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { signal })
    const text = await response.text()
    if (response.status === 422)
      throw new OutsideError('rates', 'refused', { permanent: true, cause: new Error(text) })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    return text
  }
  return {
    dependency,
    outside,
    ask,
    asked: () => count,
    metric: async (line: string) => {
      const text = await metrics.registry.metrics()
      return text.match(new RegExp(`^${line.replaceAll(/[{}]/g, '\\$&')} (.*)$`, 'm'))?.[1]
    },
  }
}

const failing: Answer = (_, response) => response.writeHead(500).end()
const hanging: Answer = () => undefined
const fine: Answer = (_, response) => response.end('fine')

const errorOf = async (promise: Promise<unknown>): Promise<OutsideError> => {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  if (error instanceof OutsideError) return error
  throw error
}

const times = async (count: number, work: () => Promise<unknown>) => {
  for (let index = 0; index < count; index++) await work()
}

describe('a call that may be repeated', () => {
  test('is tried again after a failure, and the answer of a later attempt is the answer', async () => {
    const third: Answer = (request, response, count) =>
      count < 3 ? failing(request, response, count) : fine(request, response, count)
    const { dependency, ask, asked, metric } = await setUp(third)
    expect(await dependency.call(ask, { idempotent: true })).toBe('fine')
    expect(asked()).toBe(3)
    expect(await metric('plinth_outside_retries_total{dependency="rates"}')).toBe('2')
    expect(await metric('plinth_outside_calls_total{dependency="rates",outcome="ok"}')).toBe('1')
    expect(await metric('plinth_outside_seconds_count{dependency="rates"}')).toBe('1')
  })
  test('is tried a bounded number of times', async () => {
    const { dependency, ask, asked } = await setUp(failing)
    const error = await errorOf(dependency.call(ask, { idempotent: true }))
    expect([error.kind, error.message, asked()]).toEqual(['unavailable', 'rates is unavailable: HTTP 500', 3])
  })
  test('is not tried again once its caller gave up', async () => {
    const caller = new AbortController()
    const giveUp: Answer = (_, response) => {
      caller.abort()
      response.writeHead(500).end()
    }
    const { dependency, ask, asked, metric } = await setUp(giveUp)
    const error = await errorOf(dependency.call(ask, { idempotent: true, signal: caller.signal }))
    expect([error.kind, asked()]).toEqual(['cancelled', 1])
    expect(await metric('plinth_outside_calls_total{dependency="rates",outcome="cancelled"}')).toBe('1')
  })
  test('ends at its deadline, however many attempts are left', async () => {
    const { dependency, ask } = await setUp(hanging, { timeoutMs: 60, deadlineMs: 100, retries: 10 })
    const startedAt = performance.now()
    expect((await errorOf(dependency.call(ask, { idempotent: true }))).kind).toBe('timed-out')
    expect(performance.now() - startedAt).toBeLessThan(1000)
  })
})

test('a call that may not be repeated is made once', async () => {
  const { dependency, ask, asked } = await setUp(failing)
  expect((await errorOf(dependency.call(ask))).kind).toBe('unavailable')
  expect(asked()).toBe(1)
})

test('an answer that does not come is given up after the timeout, also by work that does not heed its signal', async () => {
  const { dependency, ask } = await setUp(hanging, { timeoutMs: 30 })
  expect((await errorOf(dependency.call(ask))).kind).toBe('timed-out')
  const deaf = () => new Promise<never>(() => undefined)
  const error = await errorOf(dependency.call(deaf))
  expect([error.kind, error.message]).toEqual(['timed-out', 'rates did not answer in time'])
})

test('a server that is absent, and one that hangs up, are unavailable with the cause kept', async () => {
  const { dependency } = await setUp(fine)
  const server = createTcpServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const ask = (signal: AbortSignal) => fetch(`http://127.0.0.1:${port}`, { signal })
  const hungUp = await errorOf(dependency.call(ask))
  server.close()
  await once(server, 'close')
  const absent = await errorOf(dependency.call(ask))
  for (const { kind, cause } of [hungUp, absent])
    expect([kind, cause instanceof TypeError]).toEqual(['unavailable', true])
})

test('a refusal is handed on, not tried again, and does not open the circuit', async () => {
  const { dependency, ask, asked } = await setUp((_, response) => response.writeHead(422).end('no such rate'))
  await times(9, async () => {
    const error = await errorOf(dependency.call(ask, { idempotent: true }))
    expect([error.kind, isPermanent(error)]).toEqual(['refused', true])
  })
  expect([asked(), dependency.state()]).toEqual([9, 'closed'])
})

describe('the circuit', () => {
  test('opens above the threshold, and then turns calls away without asking', async () => {
    const { dependency, ask, asked, metric, outside } = await setUp(failing)
    const [check] = outside.checks()
    await times(3, () => errorOf(dependency.call(ask)))
    await check?.check()
    await errorOf(dependency.call(ask))
    expect([dependency.state(), asked()]).toEqual(['open', 4])
    const error = await errorOf(dependency.call(ask, { idempotent: true }))
    expect(error.message).toBe('rates is unavailable: its circuit is open')
    expect(error.retryAfterMs).toBeGreaterThan(900)
    expect(asked()).toBe(4)
    expect(await metric('plinth_outside_state{dependency="rates",state="open"}')).toBe('1')
    expect(await metric('plinth_outside_state{dependency="rates",state="closed"}')).toBe('0')
    expect(await metric('plinth_outside_calls_total{dependency="rates",outcome="turned-away"}')).toBe('1')
    await expect(check?.check()).rejects.toThrow('the circuit of rates is open')
    expect(check?.essential).toBe(false)
  })
  test('lets one call through after its pause, and closes when that one succeeds', async () => {
    let broken = true
    const { dependency, ask, asked } = await setUp((...given) =>
      broken ? failing(...given) : fine(...given),
    )
    await times(4, () => errorOf(dependency.call(ask)))
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + LIMITS.openMs })
    await errorOf(dependency.call(ask))
    expect([dependency.state(), asked()]).toEqual(['open', 5])
    broken = false
    vi.setSystemTime(Date.now() + LIMITS.openMs)
    const both = await Promise.all([dependency.call(ask), dependency.call(ask)])
    expect([both, dependency.state()]).toEqual([['fine', 'fine'], 'closed'])
  })
  test('is not closed by a probe that its caller gave up', async () => {
    let answer = failing
    const { dependency, ask } = await setUp((...given) => answer(...given))
    await times(4, () => errorOf(dependency.call(ask)))
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + LIMITS.openMs })
    const caller = new AbortController()
    answer = () => caller.abort()
    expect((await errorOf(dependency.call(ask, { signal: caller.signal }))).kind).toBe('cancelled')
    await vi.waitUntil(() => dependency.state() === 'open')
  })
  test('does not count what callers gave up', async () => {
    const { dependency, ask } = await setUp(hanging)
    await times(6, async () => {
      const caller = new AbortController()
      const calling = errorOf(dependency.call(ask, { signal: caller.signal }))
      caller.abort()
      expect((await calling).kind).toBe('cancelled')
    })
    expect(dependency.state()).toBe('closed')
  })
})

describe('the bulkhead', () => {
  test('bounds the calls at work and those that wait; more are turned away and harm nobody', async () => {
    const held: ServerResponse[] = []
    const { dependency, ask, asked } = await setUp((_, response) => held.push(response))
    const calls = [dependency.call(ask), dependency.call(ask), dependency.call(ask)]
    await vi.waitUntil(() => held.length === 2)
    await times(9, async () => {
      const error = await errorOf(dependency.call(ask, { idempotent: true }))
      expect(error.message).toBe('rates is unavailable: too many calls wait for it')
    })
    expect([asked(), dependency.state()]).toEqual([2, 'closed'])
    for (const response of held.splice(0)) response.end('late')
    await vi.waitUntil(() => held.length === 1)
    held[0]?.end('last')
    expect((await Promise.all(calls)).sort()).toEqual(['last', 'late', 'late'])
  })
  test('frees whoever gives up while waiting', async () => {
    const { dependency, ask, asked } = await setUp(hanging)
    const caller = new AbortController()
    const working = [0, 1].map(() => errorOf(dependency.call(ask, { signal: caller.signal })))
    await vi.waitUntil(() => asked() === 2)
    const waiting = await errorOf(dependency.call(ask, { deadlineMs: 20 }))
    expect([waiting.kind, asked()]).toEqual(['timed-out', 2])
    caller.abort()
    await Promise.all(working)
  })
})

test('each dependency has a circuit of its own, with limits of its own', async () => {
  const metrics = createMetrics()
  const log = createLog({ level: 'silent', modules: {} }, bufferedOutput().destination).module('outside')
  const dependencies = { mail: { minimumCalls: 1, retries: undefined } }
  const outside = createOutside({ settings: { ...LIMITS, dependencies }, metrics, log })
  const mail = outside.dependency('mail', { minimumCalls: 3, openMs: 60_000 })
  const files = outside.dependency('files')
  expect(outside.dependency('mail')).toBe(mail)
  const fail = () => Promise.reject(new Error('down'))
  await errorOf(mail.call(fail))
  await errorOf(files.call(fail))
  const { retryAfterMs } = await errorOf(mail.call(fail))
  expect([mail.state(), files.state(), retryAfterMs > 50_000]).toEqual(['open', 'closed', true])
  expect(outside.checks().map(({ name }) => name)).toEqual(['mail', 'files'])
})
