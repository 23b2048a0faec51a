import { expect, test } from 'vitest'
import { weakness } from './weak-passwords.ts'

const ada = { email: 'ada.byron@example.com', name: 'Ada Byron' }

test.each([
  ['christopher', 'common'],
  ['Password123', 'common'],
  ['1234sunshine!', 'common'],
  ['qwertyuiop', 'common'],
  ['aaaaaaaaaaaa', 'repeats'],
  ['abcabcabcabc', 'repeats'],
  ['xy12xy12xy12x', 'repeats'],
  ['abcdefghijkl', 'neighbouring'],
  ['zyxwvutsrqpo', 'neighbouring'],
  ['0123456789', 'common'],
  ['23456789:;', 'neighbouring'],
  ['i am BYRON, hi', 'name or email'],
  ['ada.byron-2026', 'name or email'],
])('%s is refused: %s', (password, why) => expect(weakness(password, ada)).toContain(why))

test.each([
  'correct horse battery',
  'Vier Tassen Kaffee',
  'q8-Zk2!vLw0p',
  'адвокат на море 9',
  'adam and eve 77',
])('%s is taken', (password) => expect(weakness(password, ada)).toBeNull())

test('a very long password is judged at once', () => {
  const started = performance.now()
  weakness(`${'ab'.repeat(99)}zz`, ada)
  weakness(`${'a'.repeat(198)}bc`, ada)
  expect(performance.now() - started).toBeLessThan(50)
})
