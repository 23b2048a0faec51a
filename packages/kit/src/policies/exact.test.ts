import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { compileExact } from './exact.ts'

const schema = z.object({
  id: z.string(),
  count: z.int().min(0).max(9),
  share: z.number().gt(0).lt(1),
  open: z.boolean(),
  kind: z.enum(['a', 'b']),
  note: z.string().nullable(),
  extra: z.string().optional(),
  items: z.array(z.object({ name: z.string(), size: z.number().optional() })),
})
const good = {
  id: 'x',
  count: 3,
  share: 0.5,
  open: true,
  kind: 'a',
  note: null,
  items: [{ name: 'one' }, { name: 'two', size: 2 }],
}

const compiled = (of: z.ZodType) => {
  const test = compileExact(of)
  if (!test) throw new Error('This schema can be compiled')
  return test
}
const isExact = compiled(schema)

/** What may stand where a field was: right and wrong things of every sort. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, 'a', 'c', '', 3, -1, 10, 0.5, 1, Number.NaN, Infinity, -0),
  fc.constantFrom<unknown>([], {}, [{ name: 'x' }], [{ name: 'x', more: 1 }], [null], new Date(0), ['a']),
  fc.string(),
  fc.double(),
)
const changed = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...Object.keys(schema.shape), 'other'), anything, { maxKeys: 2 }),
    fc.subarray(Object.keys(good), { maxLength: 1 }),
  )
  .map(([changes, without]) => {
    const value: Record<string, unknown> = { ...good, ...changes }
    for (const key of without) delete value[key]
    return value
  })

describe('a value that is said to be exactly as its schema says', () => {
  test('is never one that the schema refuses or would change', () => {
    let exact = 0
    fc.assert(
      fc.property(changed, (value) => {
        if (!isExact(value)) return
        exact += 1
        const parsed = schema.safeParse(value)
        expect(parsed.success).toBe(true)
        expect(JSON.parse(JSON.stringify(parsed.data))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      { numRuns: 3000 },
    )
    expect(exact).toBeGreaterThan(50)
  })

  test('is every one that needs no change, with optional fields or without', () => {
    for (const value of [
      good,
      { ...good, extra: 'x' },
      { ...good, extra: undefined },
      { ...good, items: [] },
    ])
      expect(isExact(value), JSON.stringify(value)).toBe(true)
  })

  test('has no key more, also far down, and no method that would be written in its place', () => {
    expect(isExact({ ...good, other: 1 })).toBe(false)
    expect(isExact({ ...good, items: [{ name: 'one', secret: 'x' }] })).toBe(false)
    expect(isExact(Object.assign(Object.create({ toJSON: () => 'secret' }), good))).toBe(false)
    expect(isExact(Object.assign(new (class Row {})(), good))).toBe(false)
  })
})

describe('a list that is said to be exactly as its schema says', () => {
  const isList = compiled(z.array(z.string()))
  test('has no holes', () => {
    const holes = ['a']
    holes[2] = 'c'
    expect([isList(['a', 'b', 'c']), isList([]), isList(holes), isList(new Array(2))]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  test('is a plain one, with no method that would be written in its place', () => {
    class Secret extends Array<string> {
      toJSON = () => 'secret'
    }
    expect(isList(Secret.from(['a']))).toBe(false)
    expect(isList(Object.assign(['a'], { toJSON: () => 'secret' }))).toBe(false)
  })
})

test('schemas that change what they take, or choose among several, are left to zod', () => {
  const others = [
    z.string().trim(),
    z.string().transform(Number),
    z.union([z.object({ a: z.string() }), z.object({ a: z.string(), b: z.string() })]),
    z.record(z.string(), z.string()),
    z.unknown(),
    z.date(),
    z.number().multipleOf(3),
    z.string().default('x'),
  ]
  for (const other of others) {
    expect(compileExact(other), other.def.type).toBeNull()
    expect(compileExact(z.object({ field: other })), other.def.type).toBeNull()
  }
})
