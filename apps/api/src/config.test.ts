import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faults } from '../test/faults.ts'
import { readConfig, settingsOf } from './config.ts'
import { passkeysOf } from './settings/second-factors.ts'
import { webUrlOf } from './settings.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-config-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const file = (text: string): string => {
  const path = join(folder, `${Math.random()}.yaml`)
  writeFileSync(path, text)
  return path
}
describe('the configuration', () => {
  test('works with nothing set', () => {
    expect(readConfig({})).toMatchObject({ port: 3000, database: { url: 'sqlite:.data/plinth.db' } })
  })

  test('makes passkeys for the site that people use, and for localhost where that is an address', () => {
    const siteOf = (env: Record<string, string>) => {
      const settings = readConfig(env)
      const { rpId, origins } = passkeysOf(settings, webUrlOf(settings))
      return [rpId, ...origins]
    }
    expect(siteOf({})).toEqual(['localhost', 'http://localhost:3000'])
    expect(siteOf({ HOST: '::1' })[0]).toBe('localhost')
    expect(siteOf({ PLINTH_WEB_URL: 'https://shop.example/app' })).toEqual([
      'shop.example',
      'https://shop.example',
    ])
    const PLINTH_PASSKEYS_RP_ID = 'shop.example'
    const own = {
      PLINTH_PASSKEYS_RP_ID,
      PLINTH_PASSKEYS_ORIGINS: 'https://www.shop.example,android:apk-key-hash:x',
    }
    expect(siteOf(own)).toEqual([PLINTH_PASSKEYS_RP_ID, 'https://www.shop.example', 'android:apk-key-hash:x'])
  })

  test('refuses origins where no browser would use a passkey of the site', () => {
    const PLINTH_PASSKEYS_ORIGINS = 'https://shop.example,https://evilshop.example,nonsense'
    const told = faults({ PLINTH_PASSKEYS_RP_ID: 'shop.example', PLINTH_PASSKEYS_ORIGINS })
    for (const origin of ['https://evilshop.example', 'nonsense'])
      expect(told).toContain(`passkeys.origins: ${origin} is not of the domain passkeys.rpId`)
    expect(told).not.toContain('https://shop.example is')
  })

  test('is read from the file, and the environment wins', () => {
    const PLINTH_CONFIG = file('port: 4000\nlog:\n  level: debug\ndatabase:\n  pool:\n    max: 3\n')
    const settings = readConfig({ PLINTH_CONFIG, PORT: '5000', PLINTH_DATABASE_POOL_READ_MAX: '4' })
    expect(settings.port).toBe(5000)
    expect(settings.log.level).toBe('debug')
    expect(settings.database.pool).toMatchObject({ max: 3, readMax: 4 })
  })

  test('knows lists, records, numbers and booleans in the environment', () => {
    const settings = readConfig({
      PLINTH_ORIGINS: 'https://a.example, https://b.example',
      PLINTH_LIMITS: '{"auth":{"perMinute":5,"burst":1}}',
      PLINTH_CACHE_ON: 'false',
      PLINTH_DATABASE_POOL_MAX: '7',
    })
    expect(settings.origins).toEqual(['https://a.example', 'https://b.example'])
    expect(settings.limits).toMatchObject({ auth: { perMinute: 5, burst: 1 }, default: { perMinute: 600 } })
    expect([settings.cache.on, settings.database.pool.max]).toEqual([false, 7])
  })
})

test('a list of records is JSON in the environment', () => {
  const PLINTH_CACHE_WARM = '[{"procedure":"commerce.products.list","input":{"limit":5}},{"procedure":"a.b"}]'
  expect(readConfig({ PLINTH_CACHE_WARM }).cache.warm).toEqual([
    { procedure: 'commerce.products.list', input: { limit: 5 } },
    { procedure: 'a.b', input: {} },
  ])
})

describe('what is wrong stops the start, and all of it is named at once', () => {
  test('wrong values, by their key and variable', () => {
    const text = faults({
      PORT: 'http',
      PLINTH_LOG_LEVEL: 'loud',
      PLINTH_DATABASE_POOL_MAX: '0',
      PLINTH_ORIGINS: 'shop',
    })
    for (const name of [
      'port (PORT)',
      'log.level (PLINTH_LOG_LEVEL)',
      'database.pool.max (PLINTH_DATABASE_POOL_MAX)',
      'origins.0',
    ])
      expect(text).toContain(name)
  })
  test('unknown variables and unknown keys of the file', () => {
    const PLINTH_CONFIG = file('prot: 4000\ndatabase:\n  pool:\n    maximum: 3\n')
    const text = faults({ PLINTH_CONFIG, PLINTH_LOGLEVEL: 'info' })
    for (const name of [
      'prot: is not a setting',
      'database.pool.maximum: is not a setting',
      'PLINTH_LOGLEVEL: is not a setting',
    ])
      expect(text).toContain(name)
  })
  test('stores that are asked for and not there', () => {
    const text = faults({
      PLINTH_CACHE_STORE: 'redis',
      PLINTH_BUS_STORE: 'postgres',
      PLINTH_SESSIONS_STORE: 'redis',
    })
    expect(text).toContain('sessions.store: redis needs redis.url (REDIS_URL) or sessions.redisUrl')
    expect(text).toContain('cache.store: redis needs redis.url (REDIS_URL)')
    expect(text).toContain('bus.store: postgres needs')
    expect(faults({ PLINTH_LIMITER_STORE: 'redis', REDIS_URL: 'redis://127.0.0.1:6379' })).toBe('')
  })
  test('a file that is not there, is not YAML, or holds no settings', () => {
    expect(faults({ PLINTH_CONFIG: join(folder, 'absent.yaml') })).toContain('absent.yaml')
    expect(faults({ PLINTH_CONFIG: file('a: [1') })).toContain('.yaml')
    expect(faults({ PLINTH_CONFIG: file('- a') })).toContain('must hold settings by name')
  })
  test('production without a secret', () => {
    expect(faults({ NODE_ENV: 'production' })).toContain('PLINTH_SECRET')
    expect(faults({ NODE_ENV: 'production', PLINTH_SECRET: 'x'.repeat(32) })).toBe('')
  })
})

test('every setting says what it does', () => {
  const silent = [...settingsOf()]
    .filter(({ schema }) => !schema.description && !inner(schema))
    .map(({ path }) => path.join('.'))
  expect(silent).toEqual([])
})

const inner = (schema: { def: unknown }): string | undefined => {
  const { innerType } = schema.def as { innerType?: { def: unknown; description?: string } }
  return innerType ? (innerType.description ?? inner(innerType)) : undefined
}
