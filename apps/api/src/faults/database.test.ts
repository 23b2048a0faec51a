import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { isServerEngine, type OwnServer, startEmbedded, testDatabaseUrl } from '@plinth/db/testing'
import { launchServer, startServerProcess } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allMigrations } from '../systems.ts'

const WITHIN_MS = 20_000
const ANSWER_WITHIN_MS = 8000

const until = async (what: string, condition: () => Promise<boolean> | boolean): Promise<void> => {
  const deadline = performance.now() + WITHIN_MS
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${WITHIN_MS} ms: ${what}`)
    await delay(20)
  }
}

/** Status of one request, which no fault of the database may keep from being answered in time. */
const statusOf = async (url: string, init: RequestInit = {}): Promise<number> => {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
  await answer.arrayBuffer()
  return answer.status
}

const onServer = () => {
  let server: OwnServer
  beforeAll(async () => {
    server = await startEmbedded()
  })
  afterAll(() => server.stop())
  const env = () => ({
    DATABASE_URL: server.url,
    PLINTH_DEMO: 'false',
    PLINTH_CACHE_ON: 'false',
    PLINTH_DATABASE_POOL_ACQUIRE_TIMEOUT_MS: '1000',
  })

  test('killed under load: 503 meanwhile, and recovery without a restart', async () => {
    await using api = await startServerProcess(env())
    const counts = new Map<number, number>()
    const count = (status: number) => counts.get(status) ?? 0
    let loading = true
    const load = async (): Promise<void> => {
      while (loading) {
        const status = await statusOf(`${api.url}/api/v1/products?limit=1`)
        counts.set(status, count(status) + 1)
        if (status === 503) await delay(5)
      }
    }
    const clients = Array.from({ length: 8 }, load)
    try {
      await until('answers under load', () => count(200) > 20)
      await server.kill()
      await until('503 while it is away', () => count(503) > 20)
      const ready = await fetch(`${api.url}/ready`)
      expect([ready.status, await ready.json()]).toMatchObject([503, { status: 'down' }])
      await server.restart()
      const before = count(200)
      await until('answers again', () => count(200) > before + 20)
    } finally {
      loading = false
      await Promise.all(clients)
    }
    expect(new Set(counts.keys())).toEqual(new Set([200, 503]))
    await until('/ready again', async () => (await statusOf(`${api.url}/ready`)) === 200)
  })

  test('not there at the start: the process ends and says which database, without its password', async () => {
    const url = new URL(server.url)
    const { password } = url
    url.port = '1'
    await using launched = launchServer({ ...env(), DATABASE_URL: url.href })
    await until('the process ends', () => launched.child.exitCode !== null)
    expect(launched.child.exitCode).toBe(1)
    expect(launched.output()).toContain('The database at 127.0.0.1:1 does not answer')
    expect(launched.output()).not.toContain(`:${password}@`)
  })
}

const register = (url: string, index: number) =>
  statusOf(`${url}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      email: `full-${index}@example.com`,
      password: 'a long enough test phrase 7',
      name: 'n'.repeat(80),
    }),
  })

const limitFileSize = (pid: number | undefined, bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`])

const inFile = () => {
  test('full: writes are 503 and leave nothing by halves, reads go on, and room brings the writes back', async () => {
    const database = await testDatabaseUrl(allMigrations())
    try {
      await using server = await startServerProcess({
        DATABASE_URL: database.url,
        PLINTH_DEMO: 'false',
        PLINTH_CACHE_ON: 'false',
        PLINTH_PASSWORD_HASH_MEMORY_COST: '64',
        PLINTH_LIMITS: JSON.stringify({ auth: { perMinute: 100_000, burst: 100_000 } }),
      })
      const { url, child } = server
      // No file of the process may grow beyond this, which is what a full disk looks like to the database.
      limitFileSize(child.pid, 200_000)
      let index = 0
      await until('the first write that fails', async () => (await register(url, index++)) !== 201)
      const refused = index - 1
      for (let tried = 0; tried < 5; tried++) expect(await register(url, refused)).toBe(503)
      expect(await statusOf(`${url}/api/v1/products`)).toBe(200)

      limitFileSize(child.pid, 'unlimited')
      expect(await register(url, refused)).toBe(201)
      for (let made = 0; made < refused; made++) expect(await register(url, made)).toBe(409)
    } finally {
      await database.dispose()
    }
  })
}

describe('a database', isServerEngine() ? onServer : inFile)
