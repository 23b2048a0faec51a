import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ContractError, checkContract, walk } from './check.ts'
import { contract } from './contract.ts'
import { conflict, gone, notFound } from './errors.ts'
import { type ContractRecord, mutation, query } from './procedure.ts'
import { nothing } from './words/formats.ts'

const Output = z.object({ id: z.string() })
const good = query({ summary: 'Read a thing', input: z.strictObject({ id: z.string() }), output: Output })

const faultsOf = (record: ContractRecord): readonly string[] => {
  try {
    checkContract(record)
  } catch (error) {
    if (error instanceof ContractError) return error.faults
    throw error
  }
  return []
}

describe('a contract that can not be served is refused at start, naming the procedure', () => {
  test('the contract of Plinth can be served', () => {
    expect(faultsOf(contract)).toEqual([])
    expect([...walk(contract)].length).toBeGreaterThan(30)
  })

  test.each(['then', 'call', 'apply'])('the name %s, which tRPC reserves', (name) => {
    expect(faultsOf({ shop: { things: { [name]: good } } })).toEqual([
      `shop.things.${name}: "${name}" is reserved by tRPC; choose another name`,
    ])
  })

  test('a name that is not camelCase', () => {
    expect(faultsOf({ shop: { things: { 'get-it': good } } })[0]).toContain('shop.things.get-it: "get-it"')
  })

  test('a route that two procedures claim, whatever they call its parameter', () => {
    const other = query({
      summary: 'Read it otherwise',
      rest: 'GET /things/{key}',
      input: z.strictObject({ key: z.string() }),
      output: Output,
    })
    expect(faultsOf({ shop: { things: { get: good, read: other } } })).toEqual([
      'shop.things.read: route "GET /things/{key}" is already that of shop.things.get',
    ])
  })

  test('a route parameter that is not in the input', () => {
    const lost = query({ summary: 'Read', rest: 'GET /things/{slug}', input: nothing, output: Output })
    expect(faultsOf({ shop: { things: { read: lost } } })).toEqual([
      'shop.things.read: route parameter {slug} is not in the input',
    ])
  })

  test('a missing summary', () => {
    const silent = query({ summary: ' ', input: nothing, output: Output })
    expect(faultsOf({ shop: { things: { list: silent } } })).toEqual(['shop.things.list: has no summary'])
  })

  test('an example that does not match its schema, with the place', () => {
    const wrong = mutation({
      summary: 'Make',
      input: z.strictObject({ name: z.string() }),
      output: Output,
      example: { input: { name: 'a' }, output: { id: 7 as unknown as string } },
    })
    expect(faultsOf({ shop: { things: { create: wrong } } })[0]).toContain(
      `shop.things.create: the example's output does not match its schema at "id"`,
    )
  })

  test('an answer that may lag and is kept as well', () => {
    const cache = { seconds: 60, tags: ['things'] }
    const late = query({ summary: 'Read', input: nothing, output: Output, mayLag: true, cache })
    expect(faultsOf({ shop: { things: { late } } })).toEqual([
      "shop.things.late: an answer that may lag can't be kept",
    ])
  })

  test('a tag that a change drops and that no answer is kept under', () => {
    const change = mutation({
      ...good,
      summary: 'Change a thing',
      rest: 'POST /things',
      invalidates: ['thigns'],
    })
    const list = query({ ...good, rest: 'GET /all-things', cache: { seconds: 1, tags: ['things'] } })
    expect(faultsOf({ shop: { things: { change, list } } })).toEqual([
      'shop.things.change: invalidates "thigns", under which no answer is kept',
    ])
  })

  test('a limit field that is not in the input', () => {
    const lost = mutation({
      summary: 'Do',
      limit: { group: 'auth', field: 'email' },
      input: nothing,
      output: Output,
    })
    expect(faultsOf({ shop: { things: { start: lost } } })).toEqual([
      'shop.things.start: limit field "email" is not in the input',
    ])
  })

  test('an error code of two kinds, or of another kind than the common one', () => {
    const one = mutation({ summary: 'One', input: nothing, output: Output, errors: { SPENT: conflict('a') } })
    const two = mutation({ summary: 'Two', input: nothing, output: Output, errors: { SPENT: gone('b') } })
    const three = mutation({
      summary: 'Three',
      input: nothing,
      output: Output,
      errors: { FORBIDDEN: notFound('c') },
    })
    expect(faultsOf({ shop: { things: { one, two, three } } })).toEqual([
      'shop.things.two: error SPENT is of kind conflict elsewhere',
      'shop.things.three: error FORBIDDEN is of kind forbidden everywhere else',
    ])
  })

  test('all faults are told at once', () => {
    const silent = query({ summary: '', input: nothing, output: Output })
    expect(faultsOf({ shop: { call: silent, apply: silent } }).length).toBeGreaterThanOrEqual(4)
  })
})

test('every procedure of Plinth has an example to show', () => {
  const without = [...walk(contract)].filter(([, procedure]) => !procedure.example).map(([name]) => name)
  expect(without).toEqual([])
})

test('what is left out is safe: a mutation is for users, transactional, idempotent and audited; a query reads', () => {
  const write = mutation({ summary: 'Do', input: nothing, output: Output })
  expect(write).toMatchObject({ access: 'user', transaction: true, idempotent: true, audit: true })
  expect(good).toMatchObject({ access: 'user', transaction: false, idempotent: false, audit: false })
})
