import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { z } from 'zod'
import { isRecord } from '../matrix/wire.ts'
import { inputNode, leavesOf, type Path } from './json-schema.ts'

const source = new URL('../../data/attack-payloads.json', import.meta.url)

const payloads = z.record(z.string(), z.array(z.string())).parse(JSON.parse(readFileSync(source, 'utf8')))

// What parsers, number formats and JavaScript's own objects stumble over.
const AWKWARD: readonly unknown[] = [
  null,
  true,
  '',
  ' ',
  -1,
  0,
  0.1,
  1e21,
  -1e308,
  2 ** 53,
  '\u0000',
  '\ud800',
  '\u202e',
  '%00',
  '1e309',
  'NaN',
  'x'.repeat(1500),
  [],
  [[]],
  {},
  { $gt: '' },
  { length: 1e9 },
  { toString: 'x' },
  JSON.parse('{"__proto__":{"role":"admin"}}'),
]
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'role',
  '$where',
  'id;--',
  'a[b',
  'a.b',
  '',
]

const payload = (): fc.Arbitrary<string> =>
  fc.oneof(...Object.values(payloads).map((texts) => fc.constantFrom(...texts)))

const value = (): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 6, arbitrary: payload() },
    { weight: 2, arbitrary: fc.constantFrom(...AWKWARD) },
    { weight: 1, arbitrary: fc.array(payload(), { maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc.dictionary(fc.oneof(payload(), fc.constantFrom(...KEYS)), payload(), { maxKeys: 2 }),
    },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  )

/** The input with a value put at a place within it, whatever is on the way. */
const withValueAt = (input: unknown, [key, ...rest]: Path, hostile: unknown): unknown => {
  if (key === undefined) return hostile
  if (typeof key === 'number') {
    const items = Array.isArray(input) ? [...(input as unknown[])] : []
    items[key] = withValueAt(items[key], rest, hostile)
    return items
  }
  const fields = isRecord(input) ? input : {}
  return { ...fields, [key]: withValueAt(fields[key], rest, hostile) }
}

const withField = (input: unknown, key: string, hostile: unknown): unknown => {
  const fields = Object.entries(isRecord(input) ? input : {})
  // Made from entries, as `__proto__` is a field like any other then.
  return Object.fromEntries([...fields, [key, hostile]])
}

// A longer one does not fit into an address, which is another test's matter.
const MOST_JSON = 2500

/** Inputs that mean harm: a good one with attack strings and awkward values at one to three places of its schema. */
export const hostileInputs = (schema: z.ZodType, sample: unknown): fc.Arbitrary<unknown> => {
  const leaves = leavesOf(inputNode(schema))
  const place = leaves.length > 0 ? fc.constantFrom(...leaves) : fc.constant<Path>(['nothing'])
  const replaced = fc
    .array(fc.tuple(place, value()), { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce((input, [path, hostile]) => withValueAt(input, path, hostile), sample))
  const attacked = fc.tuple(place, payload()).map(([path, hostile]) => withValueAt(sample, path, hostile))
  const extended = fc
    .tuple(fc.oneof(payload(), fc.constantFrom(...KEYS)), value())
    .map(([key, hostile]) => withField(sample, key, hostile))
  return fc
    .oneof(
      { weight: 6, arbitrary: attacked },
      { weight: 4, arbitrary: replaced },
      { weight: 1, arbitrary: extended },
      { weight: 1, arbitrary: value() },
    )
    .map((input) => ((JSON.stringify(input) ?? '').length > MOST_JSON ? sample : input))
}
