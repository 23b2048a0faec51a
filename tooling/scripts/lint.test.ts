import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plinth-lint-'))
  for (const file of ['biome.json', '.oxlintrc.json']) cpSync(join(root, file), join(folder, file))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
})

afterAll(() => rmSync(folder, { recursive: true }))

const write = (path: string, source: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), `${source}\n`)
}

const run = (tool: string, ...args: string[]) => {
  const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } } as const
  const { stdout, stderr } = spawnSync(join(root, 'node_modules/.bin', tool), args, options)
  return stdout + stderr
}

const biome = (path: string, source: string) => {
  write(path, source)
  return run('biome', 'lint', '--vcs-enabled=false', path)
}

test('a system that imports its sibling is told how systems meet', () => {
  const source = "export { learning } from '@plinth/learning'"
  expect(biome('packages/commerce/src/a.ts', source)).toContain('never imports a sibling')
  expect(biome('packages/core/src/a.ts', source)).toContain('Core serves every system')
  expect(biome('packages/commerce/src/b.ts', "export { core } from '@plinth/core'")).toContain(
    'Checked 1 file',
  )
})

test('a database driver is for packages/db alone', () => {
  const source = "export { Pool } from 'pg'"
  expect(biome('packages/kit/src/a.ts', source)).toContain('Only packages/db')
  expect(biome('apps/api/src/a.ts', source)).toContain('Only packages/db')
  expect(biome('packages/db/src/a.ts', source)).not.toContain('Only packages/db')
})

test('the contract imports zod, tRPC types and itself, and nothing else', () => {
  const own =
    "export { z } from 'zod'\nexport type { AnyRouter } from '@trpc/server'\nexport { a } from './a.ts'"
  expect(biome('packages/contract/src/b.ts', own)).not.toContain('The contract')
  for (const name of ['@plinth/kit', 'kysely', 'node:fs']) {
    expect(biome('packages/contract/src/c.ts', `export { a } from '${name}'`)).toContain('The contract')
  }
  write('packages/contract/src/d.ts', "import { initTRPC } from '@trpc/server'\nexport const a = initTRPC")
  expect(run('oxlint', 'packages/contract/src/d.ts')).toContain("may use tRPC's types, never its code")
  write(
    'packages/contract/src/d.ts',
    "import type { AnyRouter } from '@trpc/server'\nexport type A = AnyRouter",
  )
  expect(run('oxlint', 'packages/contract/src/d.ts')).not.toContain("may use tRPC's types")
})

test('any, a non-null assertion, a name that is no name and a skipped test are refused', () => {
  const source = 'export const bad_name: any = 1\nexport const a = (b?: string) => b!.length'
  const output = biome('packages/kit/src/b.ts', source)
  for (const rule of ['noExplicitAny', 'noNonNullAssertion', 'useNamingConvention'])
    expect(output).toContain(rule)
  expect(biome('packages/kit/src/c.test.ts', "test.skip('x', () => {})")).toContain('noSkippedTests')
})

test('code that is made from text at run time is refused', () => {
  expect(biome('packages/kit/src/e.ts', 'export const a = (text: string) => eval(text)')).toContain(
    'noGlobalEval',
  )
})

test('a promise that nobody waits for is refused', () => {
  cpSync(join(root, 'tooling/tsconfig/base.json'), join(folder, 'tsconfig.json'))
  write('packages/kit/src/d.ts', 'const a = async () => 1\nexport const b = () => {\n  a()\n}')
  expect(run('oxlint', '--type-aware', 'packages/kit/src/d.ts')).toContain('no-floating-promises')
})
