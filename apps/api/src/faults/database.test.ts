import { execFileSync } from 'node:child_process'
import { isServerEngine, type OwnServer, startEmbedded, tcpProxy, testDatabaseUrl } from '@plinth/db/testing'
import { launchServer, startServerProcess } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MANY_ACCOUNTS, register, statusOf, steadyLoad, until } from '../../test/load.ts'
import { allMigrations } from '../systems.ts'

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

  /** The database behind a line that can be made silent. */
  const envOver = ({ port }: { port: number }) => {
    const address = new URL(server.url)
    address.port = String(port)
    return { ...env(), DATABASE_URL: address.href, PLINTH_DATABASE_STATEMENT_TIMEOUT_MS: '1000' }
  }

  test('killed under load: 503 meanwhile, and recovery without a restart', async () => {
    await using api = await startServerProcess(env())
    await using load = steadyLoad(() => statusOf(`${api.url}/api/v1/products?limit=1`))
    await until('answers under load', () => load.count(200) > 20)
    await server.kill()
    await until('503 while it is away', () => load.count(503) > 20)
    const ready = await fetch(`${api.url}/ready`)
    expect([ready.status, await ready.json()]).toMatchObject([503, { status: 'down' }])
    await server.restart()
    const before = load.count(200)
    await until('answers again', () => load.count(200) > before + 20)
    await load.stop()
    expect(load.statuses()).toEqual(new Set([200, 503]))
    await until('/ready again', async () => (await statusOf(`${api.url}/ready`)) === 200)
  })

  test('silent under load: every answer is 503 in bounded time, and it recovers without a restart', async () => {
    await using line = await tcpProxy(Number(new URL(server.url).port))
    await using api = await startServerProcess({ ...MANY_ACCOUNTS, ...envOver(line) })
    // Reads, and writes whose transactions are cut off at any of their statements.
    const send = (index: number) =>
      index % 4 === 0
        ? register(api.url, `silent-${index}@example.com`)
        : statusOf(`${api.url}/api/v1/products?limit=1`)
    await using load = steadyLoad(send)
    await until('answers under load', () => load.count(200) > 20 && load.count(201) > 5)
    line.swallow = true
    await until('503 while it is silent', () => load.count(503) > 20)
    line.swallow = false
    const [reads, writes] = [load.count(200), load.count(201)]
    await until('answers again', () => load.count(200) > reads + 20 && load.count(201) > writes + 5)
    await load.stop()
    expect(load.statuses()).toEqual(new Set([200, 201, 503]))
    // The time of a statement, that in which a connection must come, and once more that for one which does not come.
    expect(load.slowest()).toBeLessThan(6000)
    await until('/ready again', async () => (await statusOf(`${api.url}/ready`)) === 200)
  })

  test('silent when the process is to stop: it ends by itself before it is broken off', async () => {
    await using line = await tcpProxy(Number(new URL(server.url).port))
    await using api = await startServerProcess(envOver(line))
    line.swallow = true
    // Broken off it would be 1.
    expect(await api.end('SIGTERM')).toBe(0)
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

const emailOf = (index: number): string => `full-${index}@example.com`

const limitFileSize = (pid: number | undefined, bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`])

const inFile = () => {
  test('full: writes are 503 and leave nothing by halves, reads go on, and room brings the writes back', async () => {
    const database = await testDatabaseUrl(allMigrations())
    try {
      await using server = await startServerProcess({
        ...MANY_ACCOUNTS,
        DATABASE_URL: database.url,
        PLINTH_CACHE_ON: 'false',
      })
      const { url, child } = server
      // No file of the process may grow beyond this, which is what a full disk looks like to the database.
      limitFileSize(child.pid, 200_000)
      let index = 0
      await until('the first write that fails', async () => (await register(url, emailOf(index++))) !== 201)
      const refused = index - 1
      for (let tried = 0; tried < 5; tried++) expect(await register(url, emailOf(refused))).toBe(503)
      expect(await statusOf(`${url}/api/v1/products`)).toBe(200)

      limitFileSize(child.pid, 'unlimited')
      expect(await register(url, emailOf(refused))).toBe(201)
      for (let made = 0; made < refused; made++) expect(await register(url, emailOf(made))).toBe(409)
    } finally {
      await database.dispose()
    }
  })
}

describe('a database', isServerEngine() ? onServer : inFile)
