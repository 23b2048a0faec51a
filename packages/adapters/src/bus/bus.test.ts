import { type Database, readRows } from '@plinth/db'
import { isServerEngine, testDatabase } from '@plinth/db/testing'
import { type Bus, createLog, type KitTables, kitMigrations } from '@plinth/kit'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownRedis, testLink } from '../testing.ts'
import { createDatabaseBus } from './database-bus.ts'
import { createMemoryBus } from './memory-bus.ts'
import { createRedisBus } from './redis-bus.ts'
import type { SharedBus } from './shared-bus.ts'

const lines: string[] = []
const log = createLog({ level: 'info', modules: {} }, { write: (line) => void lines.push(line) }).module(
  'bus',
)

let redis: Awaited<ReturnType<typeof testLink>>
let db: Database<KitTables> & AsyncDisposable
const opened: SharedBus[] = []
beforeAll(async () => {
  redis = await testLink()
  db = await testDatabase<KitTables>(kitMigrations)
})
afterAll(async () => {
  for (const bus of opened) await bus.close()
  await redis[Symbol.asyncDispose]()
  await db[Symbol.asyncDispose]()
})

const listening = async (bus: SharedBus): Promise<SharedBus> => {
  opened.push(bus)
  bus.subscribe('until it listens', () => undefined)
  await expect.poll(() => bus.isListening(), { timeout: 5000 }).toBe(true)
  return bus
}
const overRedis = () => listening(createRedisBus({ redis, log }))
const overDatabase = () => {
  const { notices } = db
  if (!notices) throw new Error('this engine carries no messages')
  return listening(createDatabaseBus({ notices, log }))
}

const shared: Readonly<Record<string, () => Promise<SharedBus>>> = {
  'through Redis': overRedis,
  ...(isServerEngine() && { 'through the database': overDatabase }),
}
const all: Readonly<Record<string, () => Promise<Bus>>> = {
  'in process': async () => createMemoryBus({ log }),
  ...shared,
}

describe.each(Object.entries(all))('a bus %s', (_, create) => {
  test('gives every listener of the channel the message, and those of other channels nothing', async () => {
    const bus = await create()
    const got: unknown[] = []
    bus.subscribe('a', (message) => got.push(['first', message]))
    bus.subscribe('a', (message) => got.push(['second', message]))
    bus.subscribe('b', (message) => got.push(['other', message]))
    await bus.publish('a', { n: 1 })
    expect(got).toEqual([
      ['first', { n: 1 }],
      ['second', { n: 1 }],
    ])
  })

  test('logs a listener that throws, and neither the others nor the publisher see it', async () => {
    const bus = await create()
    const got: unknown[] = []
    bus.subscribe('a', () => {
      throw new Error('broken listener')
    })
    bus.subscribe('a', (message) => got.push(message))
    await bus.publish('a', 'hello')
    expect(got).toEqual(['hello'])
    expect(lines.join()).toContain('broken listener')
  })

  test('gives nothing more to an ended subscription, and the same function subscribed twice is two', async () => {
    const bus = await create()
    let count = 0
    const listener = () => {
      count += 1
    }
    const end = bus.subscribe('a', listener)
    bus.subscribe('a', listener)
    await bus.publish('a', null)
    end()
    end()
    await bus.publish('a', null)
    expect(count).toBe(3)
  })

  test('gives copies: what one listener does to a message the next does not see', async () => {
    const bus = await create()
    const got: unknown[] = []
    bus.subscribe('a', (message) => Object.assign(message as object, { spoiled: true }))
    bus.subscribe('a', (message) => got.push(message))
    const message = { at: new Date(0) }
    await bus.publish('a', message)
    expect(got).toEqual([{ at: '1970-01-01T00:00:00.000Z' }])
    expect(message).toEqual({ at: new Date(0) })
  })
})

describe.each(Object.entries(shared))('two processes with a bus %s', (_, create) => {
  test('hear each other, once and in order, and themselves once', async () => {
    const [first, second] = [await create(), await create()]
    const heard: Record<string, unknown[]> = { first: [], second: [] }
    first.subscribe('orders', (message) => heard.first?.push(message))
    second.subscribe('orders', (message) => heard.second?.push(message))
    const numbers = Array.from({ length: 50 }, (_, at) => at)
    for (const number of numbers) await first.publish('orders', number)
    await expect.poll(() => heard.second).toEqual(numbers)
    await second.publish('orders', 'back')
    await expect.poll(() => heard.first).toEqual([...numbers, 'back'])
    expect(heard.second).toEqual([...numbers, 'back'])
  })

  test('carry long messages and every character', async () => {
    const [first, second] = [await create(), await create()]
    const got: unknown[] = []
    second.subscribe('long', (message) => got.push(message))
    const messages = ['x'.repeat(200_000), 'Größe \u{1f6b2} "\n\0 '.repeat(3000), '']
    for (const message of messages) await first.publish('long', message)
    await expect.poll(() => got.length).toBe(3)
    expect(got).toEqual(messages)
    await expect(first.publish('long', 'x'.repeat(1024 * 1024))).rejects.toThrow(RangeError)
  })
})

test('over Redis a lost connection is told, those of this process still hear each other, and it comes back', async () => {
  await using own = await ownRedis()
  await using one = await testLink({ url: own.url, keyPrefix: 'own:', commandTimeoutMs: 250 })
  await using two = await testLink({ url: own.url, keyPrefix: 'own:', commandTimeoutMs: 250 })
  const first = await listening(createRedisBus({ redis: one, log, askEveryMs: 100 }))
  const second = await listening(createRedisBus({ redis: two, log, askEveryMs: 100 }))
  const got: unknown[] = []
  let missed = 0
  const note = () => {
    missed += 1
  }
  first.subscribe('a', (message) => got.push(message), note)

  await own.kill()
  await expect.poll(() => first.isListening()).toBe(false)
  await expect(first.check()).rejects.toThrow('not heard')
  await expect(first.publish('a', 'alone')).rejects.toThrow('not available')
  expect(got).toEqual(['alone'])
  own.start()
  await expect
    .poll(() => first.isListening() && second.isListening() && two.isUp(), { timeout: 10_000 })
    .toBe(true)
  expect(missed).toBe(1)
  await second.publish('a', 'together')
  await expect.poll(() => got).toEqual(['alone', 'together'])

  // It keeps the connection and says nothing: only who asks finds out.
  own.hang()
  await expect.poll(() => first.isListening(), { timeout: 10_000 }).toBe(false)
  own.wake()
  await expect.poll(() => first.isListening(), { timeout: 10_000 }).toBe(true)
  expect(missed).toBe(2)
})

const onServer = () => {
  test('one that is closed as soon as it is opened leaves no connection', async () => {
    const { notices } = db
    if (!notices) throw new Error('this engine carries no messages')
    const listeners = sql<{ count: string }>`select count(*) as count from pg_stat_activity
      where datname = current_database() and application_name = 'plinth listener'`
    const count = async () => Number((await readRows(db.read, listeners))[0]?.count)
    const before = await count()
    const bus = createDatabaseBus({ notices, log })
    bus.subscribe('a', () => undefined)
    await bus.close()
    await expect.poll(count).toBe(before)
  })

  test('a lost connection is noticed, told and made again', async () => {
    const [first, second] = [await overDatabase(), await overDatabase()]
    const got: unknown[] = []
    let missed = 0
    const note = () => {
      missed += 1
    }
    first.subscribe('a', (message) => got.push(message), note)
    const kill = sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'plinth listener'`
    await readRows(db.read, kill)
    await expect.poll(() => missed, { timeout: 10_000 }).toBe(1)
    await expect.poll(() => second.isListening(), { timeout: 10_000 }).toBe(true)
    await second.publish('a', 'again')
    await expect.poll(() => got).toEqual(['again'])
  })
}
if (isServerEngine()) describe('over the database', onServer)
