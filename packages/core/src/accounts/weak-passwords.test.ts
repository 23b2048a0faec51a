import { expect, test } from 'vitest'
import { createWeakness } from './weak-passwords.ts'

const weakness = createWeakness(3)

const ada = { email: 'ada.byron@example.com', name: 'Ada Byron' }

test.each([
  ['christopher', 'common'],
  ['Password123', 'common'],
  ['1234sunshine!', 'common'],
  ['qwertyuiop', 'common'],
  ['aaaaaaaaaaaa', 'easy to guess'],
  ['abcabcabcabc', 'easy to guess'],
  ['xy12xy12xy12x', 'easy to guess'],
  ['abcdefghijkl', 'easy to guess'],
  ['zyxwvutsrqpo', 'easy to guess'],
  ['0123456789', 'common'],
  ['23456789:;', 'easy to guess'],
  ['qwertzuiopasdf', 'easy to guess'],
  ['kettles1999', 'easy to guess'],
  ['P@ssw0rd12', 'easy to guess'],
  ['21.11.2026', 'easy to guess'],
  ['i am BYRON, hi', 'name or email'],
  ['ada.byron-2026', 'name or email'],
])('%s is refused: %s', async (password, why) => expect(await weakness(password, ada)).toContain(why))

test.each([
  'correct horse battery',
  'Vier Tassen Kaffee',
  'q8-Zk2!vLw0p',
  'адвокат на море 9',
  'adam and eve 77',
])('%s is taken', async (password) => expect(await weakness(password, ada)).toBeNull())

test('the least score decides, and at 0 only lists and names do', async () => {
  expect(await createWeakness(2)('kettles1999', ada)).toBeNull()
  expect(await createWeakness(4)('umbrella2024!', ada)).toContain('easy to guess')
  expect(await createWeakness(0)('aaaaaaaaaaaa', ada)).toBeNull()
  expect(await createWeakness(0)('Password123', ada)).toContain('common')
  expect(await createWeakness(0)('i am BYRON, hi', ada)).toContain('name or email')
})

test('a password of the longest there are takes no longer to judge than one of forty characters', async () => {
  const dear = ['4@8({[<3e6&#1!|i0o5$7+%2z', '1/2/3/4/5/6/7/8/9/1.2.3.4.5.6', 'pa$$w0rd1l|!', '19871206', '$']
  const long = dear.map((piece) => piece.repeat(200).slice(0, 200))
  const time = async (passwords: readonly string[]): Promise<number> => {
    const started = performance.now()
    for (const password of passwords) await weakness(password, ada)
    return performance.now() - started
  }
  await time(long)
  const times = { long: [] as number[], short: [] as number[] }
  for (let run = 0; run < 5; run += 1) {
    times.long.push(await time(long))
    times.short.push(await time(long.map((password) => password.slice(0, 40))))
  }
  // Some 15 ms each; all 200 characters would take thirty times as long.
  expect(Math.min(...times.long) / Math.min(...times.short)).toBeLessThan(3)
})
