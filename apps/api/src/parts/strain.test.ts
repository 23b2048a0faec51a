import { testDatabaseUrl } from '@plinth/db/testing'
import { startServerProcess, type TestActor, type TestApp, testApp } from '@plinth/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { allMigrations } from '../systems.ts'

const LIST = '/api/v1/products?limit=1'
const CALM = { delayMs: 5, inFlightShare: 0.01 }
const LATE = { delayMs: 300, inFlightShare: 0.01 }
const FULL = { delayMs: 5, inFlightShare: 0.9 }
// Neither strain nor calm.
const BETWEEN = { delayMs: 200, inFlightShare: 0.5 }

const LIMITS = {
  default: { perMinute: 1000, burst: 999, roles: { manager: 2 } },
  auth: { perMinute: 400, burst: 399, strained: 'everybody' },
}

let app: TestApp
let user: TestActor
beforeEach(async () => {
  app = await testApp({ env: { PLINTH_LIMITS: JSON.stringify(LIMITS), PLINTH_HTTP_MAX_IN_FLIGHT: '10' } })
  user = await app.as('user')
})
afterEach(() => app[Symbol.asyncDispose]())

/** Notes of every second, as the process itself takes them. */
const pass = (seconds: number, pressure: typeof CALM) => {
  for (let second = 0; second < seconds; second += 1) {
    app.clock.advance(1000)
    app.composed.strain.note(pressure)
  }
}
const limitOf = async (token?: string, path = LIST) => {
  const { headers } = await app.rest('GET', path, token === undefined ? {} : { token })
  return Number(headers.get('ratelimit-limit'))
}
const gauge = async (of: string) => {
  const { text } = await app.rest('GET', '/metrics')
  return Number(new RegExp(`^plinth_strain\\{of="${of}"\\} (\\S+)`, 'm').exec(text)?.[1])
}

test.each([
  ['the event loop is late', LATE],
  ['too much is at work', FULL],
])(
  'while %s limits of who is not signed in shrink step by step, and grow back when it is over',
  async (_, busy) => {
    expect(await limitOf()).toBe(1000)
    pass(3, busy)
    expect(await limitOf()).toBe(1000)
    const seen: number[] = []
    for (let step = 0; step < 4; step += 1) {
      pass(3, busy)
      seen.push(await limitOf())
    }
    expect(seen).toEqual([500, 250, 100, 100])
    expect([await gauge('step'), await gauge('share'), await gauge('delayMs')]).toEqual([
      3,
      0.1,
      busy.delayMs,
    ])
    pass(11, CALM)
    expect(await limitOf()).toBe(250)
    pass(20, CALM)
    expect([await limitOf(), await gauge('share')]).toEqual([1000, 1])
    expect(app.logged.filter(({ msg }) => msg === 'under strain: limits are shrunk')).toHaveLength(3)
  },
)

test('who is signed in keeps the limits of groups that spare him, and not of those that are dear', async () => {
  pass(4, LATE)
  expect([await limitOf(), await limitOf(user.accessToken)]).toEqual([500, 1000])
  expect(await limitOf((await app.as('manager')).accessToken)).toBe(1999)
  const login = await app.rest('POST', '/api/v1/auth/login', {
    body: { email: user.email, password: user.password },
    token: user.accessToken,
  })
  expect(login.headers.get('ratelimit-limit')).toBe('200')
})

test('shrunk limits refuse with the time to wait, after which a request is let in', async () => {
  pass(12, LATE)
  const statuses: number[] = []
  for (let index = 0; index < 130; index += 1) statuses.push((await app.rest('GET', LIST)).status)
  expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(100)
  const refused = await app.rest('GET', LIST)
  expect(refused.status).toBe(429)
  app.clock.advance(Number(refused.headers.get('retry-after')) * 1000)
  expect((await app.rest('GET', LIST)).status).toBe(200)
})

test('a moment of strain does nothing, nor does one of calm, and between the two the step stays', async () => {
  for (let round = 0; round < 10; round += 1) {
    pass(2, LATE)
    pass(1, CALM)
  }
  expect(await limitOf()).toBe(1000)
  pass(4, LATE)
  for (let round = 0; round < 10; round += 1) {
    pass(9, CALM)
    pass(1, BETWEEN)
  }
  pass(100, BETWEEN)
  expect(await limitOf()).toBe(500)
})

test('switched off, nothing shrinks', async () => {
  await using off = await testApp({
    env: { PLINTH_LIMITS: JSON.stringify(LIMITS), PLINTH_STRAIN_ON: 'false' },
  })
  for (let second = 0; second < 20; second += 1) {
    off.clock.advance(1000)
    off.composed.strain.note(LATE)
  }
  expect((await off.rest('GET', LIST)).headers.get('ratelimit-limit')).toBe('1000')
})

test('a process looks at itself: it is calm when it has nothing to do, and its metrics say so', async () => {
  const database = await testDatabaseUrl(allMigrations())
  try {
    await using server = await startServerProcess({ DATABASE_URL: database.url, PLINTH_DEMO: 'false' })
    const text = async () => (await fetch(`${server.url}/metrics`)).text()
    await expect.poll(text, { timeout: 10_000 }).toMatch(/plinth_strain\{of="delayMs"\} \d*[1-9]/)
    expect(await text()).toContain('plinth_strain{of="share"} 1')
  } finally {
    await database.dispose()
  }
})
