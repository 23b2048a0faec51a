import { expect, test } from 'vitest'
import { cryptography } from './cryptography.ts'

const path = 'packages/core/src/a.ts'
const lines = (text: string, at = path) => cryptography([{ path: at, text }]).map(({ line }) => line)

test.each([
  ["createHash('md5')"],
  ["hash('sha1', text)"],
  ["createHmac('sha1', key)"],
  ["hkdfSync('md5', secret, '', '', 32)"],
])('a weak hash is found: %s', (code) => {
  expect(lines(`const one = 1\nconst two = ${code}`)).toEqual([2])
})

test.each(["createCipheriv('aes-256-cbc', key, iv)", "createDecipheriv('aes-128-ecb', key, null)"])(
  'a cipher that is not authenticated is found: %s',
  (code) => expect(lines(code)).toEqual([1]),
)

test('chance that can be guessed is found, but where it only spreads out waits', () => {
  expect(lines('const token = Math.random()')).toEqual([1])
  expect(lines('wait(Math.random())', 'packages/sdk/src/retries.ts')).toEqual([])
})

test('a function that is made of text is found', () => {
  expect(lines("new Function('a', text)")).toEqual([1])
})

test('good primitives, comments, tests and tools are passed over', () => {
  expect(
    lines("createHash('sha256'), createHmac('sha512', key), createCipheriv('aes-256-gcm', key, iv)"),
  ).toEqual([])
  expect(lines("// createHash('md5')")).toEqual([])
  expect(lines("createHash('md5')", 'packages/core/src/a.test.ts')).toEqual([])
  expect(lines("createHash('md5')", 'tooling/bench/src/a.ts')).toEqual([])
})
