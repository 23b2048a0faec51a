import { page } from '@plinth/contract'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { unnamedKeys } from './keys.ts'

const Person = z.object({ name: z.string(), boss: z.object({ name: z.string() }).nullable().optional() })

test.each([
  [page(Person), { items: [{ name: 'Ada' }], nextCursor: null }, []],
  [
    page(Person),
    { items: [{ name: 'Ada', hash: 'x' }], nextCursor: null, total: 1 },
    ['items.0.hash', 'total'],
  ],
  [Person, { name: 'Ada', boss: { name: 'Bo', password: 'x' } }, ['boss.password']],
  [Person, { name: 'Ada', constructor: 1 }, ['constructor']],
  [z.record(z.string(), Person), { a: { name: 'Ada', secret: 1 } }, ['a.secret']],
  [z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]), { b: 'x', c: 1 }, ['c']],
  [z.lazy(() => Person), { name: 'Ada', secret: 1 }, ['secret']],
  [z.array(Person).default([]), [{ name: 'Ada', secret: 1 }], ['0.secret']],
])('a key that the contract does not name is found, however deep', (schema, value, found) => {
  expect(unnamedKeys(schema, value)).toEqual(found)
})
