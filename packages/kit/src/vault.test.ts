import { expect, test } from 'vitest'
import { createVault } from './vault.ts'

const SECRET = 'a server secret of 32 characters'
const OLD = 'the secret that was there before'

test('what is sealed is read back in its place, and looks different each time', () => {
  const vault = createVault([SECRET])
  const [first, second] = [vault.seal('whsec_ü', 'whk_1'), vault.seal('whsec_ü', 'whk_1')]
  expect([vault.open(first, 'whk_1'), vault.open(second, 'whk_1')]).toEqual(['whsec_ü', 'whsec_ü'])
  expect(first).not.toBe(second)
  expect(first).not.toContain('whsec')
})

test('it can not be read in the place of another row, when changed, or under another secret', () => {
  const vault = createVault([SECRET])
  const sealed = vault.seal('whsec_1', 'whk_1')
  expect(() => vault.open(sealed, 'whk_2')).toThrow()
  for (let at = sealed.lastIndexOf('.') + 1; at < sealed.length - 1; at += 1) {
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
    expect(() => vault.open(changed, 'whk_1'), changed).toThrow()
  }
  for (const bad of ['', 'v1', 'v2.0.0', sealed.slice(0, -4)])
    expect(() => vault.open(bad, 'whk_1')).toThrow()
  expect(() => createVault([OLD]).open(sealed, 'whk_1')).toThrow('key that is not known')
})

test('the server secret can be replaced: what the one before sealed is still read', () => {
  const sealed = createVault([OLD]).seal('whsec_1', 'whk_1')
  const vault = createVault([SECRET, OLD])
  expect(vault.open(sealed, 'whk_1')).toBe('whsec_1')
  const anew = vault.seal('whsec_1', 'whk_1')
  expect(createVault([SECRET]).open(anew, 'whk_1')).toBe('whsec_1')
})

test('a mark is the same for the same text in the same place under the same secret, and for nothing else', () => {
  const vault = createVault([SECRET, OLD])
  const mark = vault.mark('123456', 'code 1')
  expect(mark).toMatch(/^[0-9a-f]{64}$/)
  expect(createVault([SECRET]).mark('123456', 'code 1')).toBe(mark)
  const others = [
    vault.mark('123457', 'code 1'),
    vault.mark('123456', 'code 2'),
    vault.mark('1123456', 'code '),
    createVault([OLD]).mark('123456', 'code 1'),
  ]
  expect(others).not.toContain(mark)
})
