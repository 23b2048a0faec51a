import { createMemoryCache } from '@plinth/adapters'
import { expect, test } from 'vitest'
import { createFill } from './fill.ts'

const clock = { now: () => new Date() }
const rule = { seconds: 60, tags: ['things'] }
const never = new AbortController().signal

const make = () => {
  const cache = createMemoryCache({ maxEntries: 10, maxBytes: 100_000 })
  const fill = createFill({ cache, clock })
  const runs: PromiseWithResolvers<string>[] = []
  /** Asks for the one key; what it computes is settled by the test. */
  const ask = (signal = never) =>
    fill({
      key: 'k',
      rule,
      signal,
      async make() {
        const run = Promise.withResolvers<string>()
        runs.push(run)
        return { json: await run.promise }
      },
    })
  return { cache, ask, runs }
}

test('many who wait for the same answer wait for one computation', async () => {
  const { ask, runs, cache } = make()
  const asked = Array.from({ length: 50 }, () => ask())
  runs[0]?.resolve('1')
  expect(new Set((await Promise.all(asked)).map(({ json }) => json))).toEqual(new Set(['1']))
  expect(runs).toHaveLength(1)
  expect(cache.get('k', Date.now())?.json).toBe('1')
})

test('who asks after a write does not get what was begun before it', async () => {
  const { ask, runs, cache } = make()
  const before = ask()
  cache.drop(['things'])
  const after = ask()
  runs[0]?.resolve('"old"')
  runs[1]?.resolve('"new"')
  expect([(await before).json, (await after).json]).toEqual(['"old"', '"new"'])
  expect(cache.get('k', Date.now())?.json).toBe('"new"')
})

test('a failure is told to all who waited, and the next one computes again', async () => {
  const { ask, runs } = make()
  const asked = [ask(), ask()]
  runs[0]?.reject(new Error('broken'))
  for (const each of asked) await expect(each).rejects.toThrow('broken')
  const next = ask()
  runs[1]?.resolve('2')
  expect((await next).json).toBe('2')
})

test('when the one who computes goes away, one of those who wait computes for the rest', async () => {
  const { ask, runs } = make()
  const gone = new AbortController()
  const first = ask(gone.signal)
  const others = [ask(), ask()]
  gone.abort()
  runs[0]?.reject(new Error('aborted'))
  await expect(first).rejects.toThrow('aborted')
  await expect.poll(() => runs.length).toBe(2)
  runs[1]?.resolve('3')
  expect((await Promise.all(others)).map(({ json }) => json)).toEqual(['3', '3'])
  expect(runs).toHaveLength(2)
})
