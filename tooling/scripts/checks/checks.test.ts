import { describe, expect, test } from 'vitest'
import { dialectNames } from './dialect-names.ts'
import { docstrings } from './docstrings.ts'
import { duplication, measureDuplication } from './duplication.ts'
import { escapeHatches } from './escape-hatches.ts'
import { fileLength } from './file-length.ts'
import { formatFinding, type SourceFile } from './files.ts'
import { machineAddresses } from './machine-addresses.ts'

const file = (path: string, ...lines: string[]): SourceFile => ({ path, text: `${lines.join('\n')}\n` })
const places = (findings: { path: string; line: number }[]) =>
  findings.map(({ path, line }) => `${path}:${line}`)

describe('the dialect is named in one place', () => {
  const branch = ["// the word 'sqlite' in a comment is fine", "if (name === 'postgres') return 1"]

  test('a string that names an engine is found in a system and in its tests', () => {
    const files = [
      file('packages/core/src/a.ts', ...branch),
      file('packages/commerce/src/b.test.ts', 'const x = `use SQLite here`'),
    ]
    expect(places(dialectNames(files))).toEqual([
      'packages/core/src/a.ts:2',
      'packages/commerce/src/b.test.ts:1',
    ])
  })

  test('the dialect itself, the reading of URLs and the bench may name it', () => {
    const files = [
      'packages/db/src/dialect/postgres.ts',
      'packages/db/src/testing.ts',
      'tooling/bench/src/a.ts',
    ]
    expect(dialectNames(files.map((path) => file(path, ...branch)))).toEqual([])
  })
})

test('a file of code over the limit is found, one at the limit and a long document are not', () => {
  const lines = (count: number) => Array.from({ length: count }, () => 'x')
  const files = [file('a.ts', ...lines(301)), file('b.ts', ...lines(300)), file('c.md', ...lines(400))]
  expect(fileLength(files, 300).map(formatFinding)).toEqual([
    'a.ts:301 has 301 lines, 300 at the most: split the module',
  ])
})

test('paths of a machine and hosts of registries are found, routes and the lockfile are not', () => {
  const path = ['', 'home', 'ann', 'plinth'].join('/')
  const host = ['registry', 'npmjs', 'org'].join('.')
  const files = [
    file('README.md', 'cd somewhere', `cd ${path}`),
    file('.npmrc', `@x:registry=https://${host}`),
    file('pnpm-lock.yaml', `https://${host}`),
    file('a.ts', "get('/api/v1/home/page')"),
  ]
  expect(places(machineAddresses(files))).toEqual(['README.md:2', '.npmrc:1'])
})

describe('exports are documented', () => {
  test('an export without a docstring is found', () => {
    const source = file('a.ts', 'export const a = 1', '', '// not a docstring', 'export function b() {}')
    expect(places(docstrings([source]))).toEqual(['a.ts:1', 'a.ts:4'])
  })

  test('documented exports, their overloads, re-exports and tests are not', () => {
    const documented = ['/** Reads it. */', 'export function a(): void', 'export function a(b?: string) {}']
    const files = [
      file('a.ts', ...documented, "export { c } from './c.ts'", "export type { D } from './d.ts'"),
      file('a.test.ts', 'export const a = 1'),
    ]
    expect(docstrings(files)).toEqual([])
  })
})

describe('ways around the checks', () => {
  const none = { any: 0, doubleCast: 0, suppression: 0 }

  test('each of them is counted against its own bound', () => {
    const source = file(
      'a.ts',
      'const a: any = b',
      'const c = a as unknown as string',
      '// biome-ignore lint/x: because',
      'const d = z.any()',
    )
    expect(places(escapeHatches([source], none))).toEqual(['a.ts:1', 'a.ts:4', 'a.ts:2', 'a.ts:3'])
    expect(escapeHatches([source], { any: 2, doubleCast: 1, suppression: 1 })).toEqual([])
  })

  test('the word in a comment, a string or a method is not counted', () => {
    const source = file(
      'a.ts',
      '// any of them',
      "const a = 'any'",
      'await Promise.any(b)',
      "'// biome-ignore'",
    )
    expect(escapeHatches([source], none)).toEqual([])
  })
})

describe('duplication', () => {
  const block = Array.from({ length: 10 }, (_, index) => `const value${index} = compute(${index})`)

  test('a copied block is found with both places', () => {
    const files = [file('a.ts', 'const first = 1', ...block), file('b.ts', ...block, 'const last = 1')]
    expect(measureDuplication(files)).toMatchObject({ lines: 22, repeated: 10 })
    expect(duplication(files, 2).map(formatFinding)).toEqual([
      'b.ts:1 repeats a.ts:2 (45.5 % of the lines of code repeat others, 2 % at the most)',
    ])
  })

  test('short likeness, imports and punctuation are no repetition', () => {
    const short = [...block.slice(0, 7), '}', ')', ']', "import { a } from './a.ts'"]
    expect(duplication([file('a.ts', ...short), file('b.ts', ...short)], 0)).toEqual([])
  })
})
