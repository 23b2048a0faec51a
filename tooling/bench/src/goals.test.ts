import { expect, test } from 'vitest'
import { judge, tooSlow } from './goals.ts'
import type { Row } from './rows.ts'

const row = (more: Partial<Row>): Row => ({
  database: 'sqlite',
  wire: 'rest',
  work: 'list',
  rps: 2000,
  floorRps: 2000,
  ratio: 1,
  p50: 1,
  p95: 2,
  p99: 3,
  answers: 1000,
  errors: 0,
  memoryMb: 100,
  ...more,
})

const missed = (more: Partial<Row>) =>
  judge(row(more))
    .filter(({ reached }) => !reached)
    .map(({ goal }) => goal)

test('a main work is judged by its ratio to the floor, which differs by database', () => {
  expect(missed({ ratio: 0.8 })).toEqual([])
  expect(missed({ ratio: 0.79 })).toEqual(['the ratio 0.79 is to be at least 0.8'])
  expect(missed({ ratio: 0.89, database: 'postgres' })).toHaveLength(1)
})

test('many users at once are judged by errors, latency and rate', () => {
  const work = 'mixed-200-users'
  expect(judge(row({ work }))).toHaveLength(4)
  expect(missed({ work })).toEqual([])
  expect(missed({ work, errors: 20 })).toEqual(['percent of errors 1.96 is to be below 1'])
  expect(missed({ work, p95: 200, p99: 500, rps: 999 })).toHaveLength(3)
})

test('a steady pace is judged by its slowest answers', () => {
  expect(missed({ work: 'mixed-1000-a-second', p99: 20, errors: 1 })).toHaveLength(2)
})

test('other works have no goal', () => {
  expect(judge(row({ work: 'register', ratio: 0 }))).toEqual([])
})

test('the gate closes for a main work that has become slow, and for no other', () => {
  expect(tooSlow([row({ ratio: 0.36 }), row({ work: 'register', ratio: 0.01 })])).toEqual([])
  expect(tooSlow([row({ ratio: 0.34 }), row({ ratio: 0.36, database: 'postgres' })])).toHaveLength(2)
})
