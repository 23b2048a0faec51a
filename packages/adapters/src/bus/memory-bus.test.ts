import { createLog } from '@plinth/kit'
import { expect, test } from 'vitest'
import { createMemoryBus } from './memory-bus.ts'

const make = () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', modules: {} }, { write: (line: string) => void lines.push(line) })
  return { bus: createMemoryBus({ log: log.module('bus') }), lines }
}

test('every listener of the channel gets the message, those of other channels do not', async () => {
  const { bus } = make()
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

test('a listener that throws is logged and does not stop the others or the publisher', async () => {
  const { bus, lines } = make()
  const got: unknown[] = []
  bus.subscribe('a', () => {
    throw new Error('broken listener')
  })
  bus.subscribe('a', (message) => got.push(message))
  await bus.publish('a', 'hello')
  expect(got).toEqual(['hello'])
  expect(lines.join()).toContain('broken listener')
})

test('an ended subscription gets nothing more, and the same function subscribed twice is two', async () => {
  const { bus } = make()
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

test('a message is a copy: what one listener does to it the next does not see', async () => {
  const { bus } = make()
  const got: unknown[] = []
  bus.subscribe('a', (message) => Object.assign(message as object, { spoiled: true }))
  bus.subscribe('a', (message) => got.push(message))
  const message = { at: new Date(0) }
  await bus.publish('a', message)
  expect(got).toEqual([{ at: '1970-01-01T00:00:00.000Z' }])
  expect(message).toEqual({ at: new Date(0) })
})
