import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bundle } from './bundles.ts'

const KB = 1000

const sizeOf = async (entry: string, without?: RegExp) => {
  const code = await bundle(entry, { minify: true, ...(without && { without }) })
  return { code, bytes: gzipSync(code).length }
}

test("the client is at most 15 kB, compressed and without tRPC's own, and brings no schemas with it", async () => {
  const { code, bytes } = await sizeOf('../src/index.ts', /^@trpc\//)
  expect(bytes).toBeLessThanOrEqual(15 * KB)
  // Nothing is left to import but tRPC: neither the contract nor zod.
  const imported = [...code.matchAll(/\bfrom\s*["']([^"']+)["']/g)].map(([, name]) => name)
  expect(new Set(imported)).toEqual(new Set(['@trpc/client', '@trpc/server/observable']))
})

test('webhooks are verified with two kB and nothing else', async () => {
  const { code, bytes } = await sizeOf('../src/webhooks.ts')
  expect(bytes).toBeLessThanOrEqual(2 * KB)
  expect(/\bfrom\s*["']/.test(code)).toBe(false)
})

test('the contract comes with the entry for validation alone', async () => {
  const { code } = await sizeOf('../src/validation.ts')
  expect(code.includes('/auth/login')).toBe(true)
})
