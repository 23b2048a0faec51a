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

test('no password of the longest there are keeps others from being answered for long', async () => {
  await weakness('so that its dictionaries are there', ada)
  const dear = ['4@8({[<3e6&#1!|i0o5$7+%2z', '1/2/3/4/5/6/7/8/9/1.2.3.4.5.6', 'pa$$w0rd1l|!', '19871206', '$']
  const timeOf = async (password: string) => {
    const times: number[] = []
    for (let run = 0; run < 5; run += 1) {
      const started = performance.now()
      await weakness(password, ada)
      times.push(performance.now() - started)
    }
    return Math.min(...times)
  }
  for (const piece of dear) {
    const [half, whole] = [piece.repeat(100).slice(0, 100), piece.repeat(200).slice(0, 200)]
    // Beyond what is looked at more costs no more; were all of it looked at, it would cost some thirty times as much.
    expect(await timeOf(whole), piece).toBeLessThan(5 * (await timeOf(half)) + 10)
  }
})
