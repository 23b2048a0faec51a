import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDatabaseUrl } from '@plinth/db/testing'
import { startServerProcess, testApp } from '@plinth/testing'
import { describe, expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { configurationText } from './generate/configuration.ts'
import { reloadable } from './settings.ts'

const settings = (env: Record<string, string>) => () => readConfig({ NODE_ENV: 'test', ...env })
const limits = (perMinute: number, burst: number) => JSON.stringify({ default: { perMinute, burst } })

describe('a change of the configuration', () => {
  test('of what may change holds for the next request, and the rest is said to need a restart', async () => {
    await using app = await testApp({ env: { PLINTH_LIMITS: limits(1000, 1000) } })
    const ask = async () => (await app.rest('GET', '/api/v1/products?limit=1')).headers.get('ratelimit-limit')
    const before = await ask()
    const taken = app.composed.live.reload(
      settings({
        PLINTH_LIMITS: limits(7, 3),
        PLINTH_LOG_MODULES: '{"access":"error"}',
        PLINTH_ALERTS_FREE_BYTES: '12345',
        PLINTH_HTTP_MAX_BATCH: '3',
      }),
    )
    expect(taken).toEqual(
      ['log.modules', 'limits', 'alerts.freeBytes'].filter((name) => taken.includes(name)),
    )
    expect(new Set(taken)).toEqual(new Set(['limits', 'log.modules', 'alerts.freeBytes']))
    expect(await ask()).not.toBe(before)
    expect(app.composed.live.current().alerts.freeBytes).toBe(12345)
    expect(app.composed.live.current().http.maxBatch).toBe(50)
    expect(app.composed.log.levels().access).toBe('error')
    const restart = app.logged.find(({ msg }) => msg === 'these changes need a restart')
    expect(restart?.settings).toContain('http.maxBatch')
  })

  test('with a fault is refused as a whole: the old values stay, and the log says why', async () => {
    await using app = await testApp()
    const before = app.composed.live.current()
    const taken = app.composed.live.reload(
      settings({ PLINTH_LIMITS: limits(7, 3), PLINTH_ALERTS_CONNECTION_SHARE: '2' }),
    )
    expect(taken).toEqual([])
    expect(app.composed.live.current()).toBe(before)
    const refused = app.logged.find(({ msg }) => String(msg).includes('refused'))
    expect(refused?.faults).toContain('alerts.connectionShare')
  })

  test('is taken over by a process that gets SIGHUP, unless it has a fault', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plinth-reload-'))
    const file = join(folder, 'config.yaml')
    const write = (burst: number | string) =>
      writeFile(file, `limits:\n  default: { perMinute: 1000, burst: ${burst} }\n`)
    const { url, dispose } = await testDatabaseUrl({})
    try {
      await write(500)
      const env = { DATABASE_URL: url, PLINTH_CONFIG: file, PLINTH_DEMO: 'false', PLINTH_LOG_LEVEL: 'info' }
      await using server = await startServerProcess(env)
      const ask = async () =>
        (await fetch(`${server.url}/api/v1/products?limit=1`)).headers.get('ratelimit-limit')
      const said = async (words: string) => {
        while (!server.output().includes(words)) await new Promise((resolve) => setTimeout(resolve, 10))
      }
      const before = await ask()
      await write('many')
      server.child.kill('SIGHUP')
      await said('the old values stay')
      expect(await ask()).toBe(before)
      await write(77)
      server.child.kill('SIGHUP')
      await said('was read again')
      expect(await ask()).not.toBe(before)
    } finally {
      await dispose()
      await rm(folder, { recursive: true })
    }
  })
})

test('the reference of settings marks those that can change while the server runs, and no others', () => {
  const lines = configurationText().split('\n')
  const marked = lines.flatMap((line) => /^\| `([\w.]+)` \|.*\| yes \|/.exec(line)?.[1] ?? [])
  expect(new Set(marked)).toEqual(reloadable)
})
