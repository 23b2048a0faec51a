import { expect, test } from 'vitest'
import { newToken, tokenHash, tokenType } from './tokens.ts'

test('a token tells its type and is never made twice', () => {
  const tokens = Array.from({ length: 1000 }, () => newToken('access'))
  expect(new Set(tokens).size).toBe(1000)
  expect(tokens.every((token) => tokenType(token) === 'access' && token.startsWith('pla_'))).toBe(true)
  expect(tokenType(newToken('refresh'))).toBe('refresh')
  expect(tokenType(newToken('verification'))).toBe('verification')
})

test('a token with any one character changed, lost or added is known as damaged', () => {
  const token = newToken('refresh')
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === 'A' ? 'B' : 'A'
    expect(tokenType(token.slice(0, at) + other + token.slice(at + 1))).toBeNull()
    expect(tokenType(token.slice(0, at) + token.slice(at + 1))).toBeNull()
    expect(tokenType(`${token.slice(0, at)}x${token.slice(at)}`)).toBeNull()
  }
})

test.each(['', 'pla_', 'null', `pla_${'A'.repeat(49)}`, '🔑'.repeat(20), `${newToken('access')}\n`])(
  'what is no token of ours is damaged: %j',
  (text) => expect(tokenType(text)).toBeNull(),
)

test('the stored hash of a token does not hold the token', () => {
  const token = newToken('access')
  expect(tokenHash(token)).toMatch(/^[0-9a-f]{64}$/)
  expect(tokenHash(token)).toBe(tokenHash(token))
  expect(tokenHash(token)).not.toBe(tokenHash(newToken('access')))
})
