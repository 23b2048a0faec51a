import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url)

const sources = readdirSync(new URL('src', root), { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
)

const importsOf = (name: string) =>
  [
    ...readFileSync(new URL(`src/${name}`, root), 'utf8').matchAll(
      /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'/gms,
    ),
  ].map(([, type, from = '']) => ({ type: type !== undefined, from }))

test('the contract brings nothing to its users but zod, and types of tRPC', () => {
  expect(sources.length).toBeGreaterThan(10)
  const outside = sources.flatMap((name) => importsOf(name).filter(({ from }) => !from.startsWith('.')))
  expect(new Set(outside.map(({ from }) => from))).toEqual(new Set(['zod', '@trpc/server']))
  expect(outside.filter(({ from, type }) => from === '@trpc/server' && !type)).toEqual([])
  const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { dependencies: object }
  expect(Object.keys(manifest.dependencies).sort()).toEqual(['@trpc/server', 'zod'])
})
