import { expect, test } from 'vitest'
import { testTitles } from './test-titles.ts'

// Written apart, for it is no placeholder here.
const placeholder = ['$', '{one}'].join('')

const titles = (...lines: string[]) => testTitles(lines.join('\n')).map(({ title }) => title)

test('a title is found in any quotes, on its line or the next, as it stands in the source', () => {
  expect(
    titles(
      "test('single', () => {})",
      'test("nobody else\'s", () => {})',
      "test('nobody else\\'s', () => {})",
      `test(\`${placeholder} %s\`, () => {})`,
      "it(\n  'below', () => {})",
      `for (const one of all) test(\`each ${placeholder}\`, () => {})`,
    ),
  ).toEqual(['single', "nobody else's", "nobody else's", `${placeholder} %s`, 'below', `each ${placeholder}`])
})

test('the title of a table is found behind it, whatever stands in it', () => {
  expect(
    titles(
      "test.each([1, 2])('short %s', () => {})",
      'test.each([',
      "  ['a (b)', /`'/],",
      "  [call('x')('y'), 2],",
      "])('long %s: $name', () => {})",
      'describe.each(',
      '  all,',
      ")('group %s', () => {",
      "  test.runIf(isSlow)('inside', () => {})",
      '})',
    ),
  ).toEqual(['short %s', 'long %s: $name', 'group %s', 'inside'])
})

test('what is skipped, still to be written, in a comment or in other code is no test', () => {
  expect(
    titles(
      "test.skip('a', () => {})",
      "test.todo('b')",
      "describe.skip('c', () => {})",
      "// test('d', () => {})",
      "expect(pattern.test('e')).toBe(true)",
      "const text = `x test('f')`",
    ),
  ).toEqual([])
})

test('groups are told from tests, and how far each is indented', () => {
  expect(testTitles("describe('a', () => {\n  test('b', () => {})\n})")).toEqual([
    { title: 'a', isTest: false, depth: 0 },
    { title: 'b', isTest: true, depth: 2 },
  ])
})
