import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { testDatabaseUrl } from '@plinth/db/testing'
import { afterEach, describe, expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

interface Started {
  readonly child: ChildProcess
  readonly url: string
  readonly output: () => string
  /** Milliseconds from the start of the process to its first answer. */
  readonly readyMs: number
}

const running: ChildProcess[] = []
const cleanUp: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  for (const dispose of cleanUp.splice(0)) await dispose()
})

const launch = (env: Record<string, string>): { child: ChildProcess; output: () => string } => {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH ?? '', PORT: '0', PLINTH_LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += String(chunk)))
  return { child, output: () => text }
}

const start = async (env: Record<string, string>): Promise<Started> => {
  const startedAt = performance.now()
  const { child, output } = launch(env)
  while (!/listens on (\S+)/.test(output())) {
    await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'exit')])
    if (child.exitCode !== null) throw new Error(`The server ended:\n${output()}`)
  }
  const url = /listens on (\S+)/.exec(output())?.[1] ?? ''
  const answer = await fetch(`${url}/api/v1/products?limit=1`)
  if (answer.status !== 200) throw new Error(`The first answer is ${answer.status}: ${await answer.text()}`)
  return { child, url, output, readyMs: performance.now() - startedAt }
}

const stop = async (child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> => {
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
  return child.exitCode
}

const emptyDatabase = async (): Promise<string> => {
  const { url, dispose } = await testDatabaseUrl({})
  cleanUp.push(dispose)
  return url
}

const productsOf = async (url: string): Promise<string> =>
  (await fetch(`${url}/api/v1/products?limit=50`)).text()

describe('the server as its users start it', () => {
  test('the first start loads the demo data and tells where everything is; the second keeps the data and is quick', async () => {
    const DATABASE_URL = await emptyDatabase()
    const first = await start({ DATABASE_URL })
    await until(() => first.output().includes('admin@'))
    for (const path of ['/docs', '/api/v1', '/trpc', '/mailbox'])
      expect(first.output()).toContain(`${first.url}${path}`)
    for (const role of ['user', 'support', 'manager', 'admin']) expect(first.output()).toContain(role)
    const before = await productsOf(first.url)
    expect((JSON.parse(before) as { items: unknown[] }).items).toHaveLength(50)
    expect(await stop(first.child, 'SIGINT')).toBe(0)

    const second = await start({ DATABASE_URL })
    expect(await productsOf(second.url)).toBe(before)
    // 1.0 s on a machine that does nothing else; other tests run beside this one.
    expect(second.readyMs).toBeLessThan(2000)
    console.info(`process start to first answer: ${Math.round(second.readyMs)} ms`)
    expect(await stop(second.child, 'SIGTERM')).toBe(0)
  })

  test('a wrong configuration ends the start and names every key', async () => {
    const { child, output } = launch({ PLINTH_DATABASE_POOL_MAX: 'many', PLINTH_NONSENSE: '1' })
    await once(child, 'exit')
    expect(child.exitCode).toBe(1)
    expect(output()).toContain('database.pool.max (PLINTH_DATABASE_POOL_MAX)')
    expect(output()).toContain('PLINTH_NONSENSE: is not a setting')
    expect(output()).not.toContain('at ')
  })

  test('in production there is no mailbox, no demo data and no account', async () => {
    const DATABASE_URL = await emptyDatabase()
    const { child, url, output } = await start({
      PLINTH_LOG_LEVEL: 'info',
      DATABASE_URL,
      NODE_ENV: 'production',
      PLINTH_SECRET: 's'.repeat(40),
    })
    expect(output()).not.toContain('mailbox')
    expect((await fetch(`${url}/mailbox`)).status).toBe(404)
    expect(await productsOf(url)).toBe('{"items":[],"nextCursor":null}')
    expect(await stop(child, 'SIGTERM')).toBe(0)
    expect(output()).toContain('"msg":"answered"')
  })
})

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
