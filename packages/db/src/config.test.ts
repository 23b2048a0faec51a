import { expect, test } from 'vitest'
import { type DbConfig, settingsOf } from './config.ts'
import { DbConfigError } from './errors.ts'

const url = 'sqlite:./data.db'

test.each<[string, Partial<Record<keyof DbConfig, unknown>>]>([
  ['url', { url: '' }],
  ['url', { url: 'mysql://localhost/db' }],
  ['url', { url: 'sqlite:' }],
  ['url', { url: 'sqlite::memory:' }],
  ['url', { url: 'postgres://[' }],
  ['pool.min', { pool: { min: -1 } }],
  ['pool.min', { pool: { min: 11, max: 10 } }],
  ['pool.max', { pool: { max: 0 } }],
  ['pool.max', { pool: { max: 1.5 } }],
  ['pool.max', { pool: { max: '10' } }],
  ['pool.max', { pool: { max: Number.NaN } }],
  ['pool.readMax', { pool: { readMax: 100_000 } }],
  ['pool.acquireTimeoutMs', { pool: { acquireTimeoutMs: 0 } }],
  ['pool.idleTimeoutMs', { pool: { idleTimeoutMs: -5 } }],
  ['statementTimeoutMs', { statementTimeoutMs: 0 }],
  ['slowQueryMs', { slowQueryMs: -1 }],
  ['synchronous', { synchronous: 'off' }],
])('a bad %s is refused by its name', (key, config) => {
  const refused = expect(() => settingsOf({ url, ...config } as DbConfig))
  refused.toThrow(DbConfigError)
  refused.toThrow(key)
})

test.each([
  ['sqlite:./data.db', 'sqlite', './data.db'],
  ['file:data.db', 'sqlite', 'data.db'],
  ['file:///var/data.db', 'sqlite', '/var/data.db'],
  ['postgres://u@h/d', 'postgres', 'postgres://u@h/d'],
  ['postgresql://u@h/d', 'postgres', 'postgresql://u@h/d'],
])('%s is understood', (address, engine, location) => {
  expect(settingsOf({ url: address })).toMatchObject({ engine, location })
})

test('what is left out has a default', () => {
  expect(settingsOf({ url })).toMatchObject({
    min: 1,
    max: 10,
    readMax: 10,
    slowQueryMs: 200,
    synchronous: 'full',
  })
  expect(settingsOf({ url, pool: { max: 3 } })).toMatchObject({ max: 3, readMax: 3 })
})
