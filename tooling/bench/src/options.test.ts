import { expect, test } from 'vitest'
import { readOptions } from './options.ts'

test('all rows are measured for ten seconds unless something else is asked for', () => {
  expect(readOptions([])).toMatchObject({
    databases: ['sqlite', 'postgres'],
    wires: ['rest', 'trpc'],
    works: expect.arrayContaining(['list', 'detail', 'signed-in-list', 'register', 'mixed']),
    seconds: 10,
    connections: 50,
    cached: false,
    mode: 'compare',
  })
})

test('a quick run of the main rows stays below three minutes', () => {
  const { databases, wires, works, rounds, seconds } = readOptions(['--quick', '--json', 'rows.json'])
  expect(works).toEqual(['list', 'detail', 'signed-in-list'])
  const measurements = databases.length * works.length * (wires.length + 1)
  const warmUp = 2 * seconds * measurements
  expect(measurements * rounds * seconds + warmUp).toBeLessThan(155)
})

test('what --only names is measured alone, and the rest of its kind is left out', () => {
  const options = readOptions(['--only', 'postgres,detail,list'])
  expect(options.databases).toEqual(['postgres'])
  expect(options.works).toEqual(['list', 'detail'])
  expect(options.wires).toEqual(['rest', 'trpc'])
  expect(readOptions(['--quick', '--only', 'register']).works).toEqual(['register'])
})

test('a name or an amount that makes no sense is refused with the usage', () => {
  expect(() => readOptions(['--only', 'mysql'])).toThrow(/no mysql[\s\S]*--quick/)
  expect(() => readOptions(['--seconds', '0'])).toThrow('--seconds')
  expect(() => readOptions(['--rounds', 'many'])).toThrow('--rounds')
  expect(() => readOptions(['--fast'])).toThrow('--fast')
})
