import { describe, expect, test } from 'vitest'
import asvs from './asvs-5.0.0.json' with { type: 'json' }
import type { SourceFile } from './files.ts'
import { security } from './security.ts'

const tests = "describe('a group', () => {\n  test('inside', () => {})\n})\ntest('outside', () => {})\n"
const inside = '`packages/a/src/a.test.ts > a group > inside`'
const outside = '`packages/a/src/a.test.ts > outside`'
const none = 'not applicable: nothing of the kind is here'

/** A page with every requirement; `evidence` takes the place of what stands for single ones. */
const page = (evidence: Readonly<Record<string, string>> = {}): string => {
  const chapters = Map.groupBy(Object.entries(asvs.levels), ([id]) => id.split('.')[0])
  const rows = [...chapters].flatMap(([chapter, ids]) => [
    `## V${chapter} Name`,
    ...ids.map(([id, level]) => `| ${id} | ${level} | asks | how | ${evidence[id] ?? none} |`),
  ])
  return ['# Security', '', '## Summary', summary(evidence), ...rows].join('\n')
}

const summary = (evidence: Readonly<Record<string, string>>): string =>
  [1, 2]
    .map((level) => {
      const own = Object.entries(asvs.levels).filter(([, each]) => each === level)
      const kinds = own.map(([id]) => evidence[id] ?? none)
      const count = (pattern: RegExp) => kinds.filter((kind) => pattern.test(kind)).length
      return `| ${[level, count(/^`/), count(/^\[/), count(/^not app/), count(/^not met/), own.length].join(' | ')} |`
    })
    .join('\n')

const check = (text: string, more: readonly SourceFile[] = []) =>
  security([
    { path: 'docs/security.md', text },
    { path: 'packages/a/src/a.test.ts', text: tests },
    { path: 'docs/guides/logging.md', text: '# Logging\n\n## What is never written\n' },
    ...more,
  ]).map(({ message }) => message)

/** The messages for one requirement whose evidence this is. */
const faults = (evidence: string, more: readonly SourceFile[] = []) =>
  check(page({ '1.1.1': evidence }), more)

describe('the page of security requirements', () => {
  test('passes with every requirement once, by test, by heading or with a reason', () => {
    expect(check(page())).toEqual([])
    expect(
      check(
        page({
          '1.1.1': `${inside}<br>${outside}`,
          '1.2.1': '[logging](guides/logging.md#what-is-never-written)',
          '6.2.1': `not met: it is being built. ${outside}`,
        }),
      ),
    ).toEqual([])
  })

  test('that is not there, or names no requirement, is a fault', () => {
    expect(security([]).map(({ message }) => message)).toEqual(['has no requirements to check'])
    expect(check('# Security\n\n| 6.2.1 is spoken of | here |')).toEqual(['has no requirements to check'])
  })

  test('without a requirement, or with one twice, is a fault', () => {
    const row = `| 6.2.1 | 1 | asks | how | ${none} |\n`
    expect(check(page().replace(row, ''))).toContain('6.2.1 of level 1 is missing')
    expect(check(page().replace(row, row + row))).toContain('6.2.1 stands here a second time')
  })

  test('with a requirement that there is none of, of another level, or in another chapter, is a fault', () => {
    expect(check(page().replace('| 6.2.1 |', '| 6.2.99 |'))).toContain(
      '6.2.99 is no requirement of level 1 or 2',
    )
    expect(check(page().replace('| 6.2.1 | 1 |', '| 6.2.1 | 2 |'))).toContain('6.2.1 is of level 1')
    expect(check(page().replace('## V6 Name', '## V16 Name'))).toContain('6.2.1 stands in chapter 16')
  })

  test('whose summary counts otherwise than its rows is a fault that says the right one', () => {
    expect(check(page().replace('| 1 | 0 | 0 | 70 | 0 | 70 |', '| 1 | 70 | 0 | 0 | 0 | 70 |'))).toEqual([
      'the summary of level 1 must be: | 1 | 0 | 0 | 70 | 0 | 70 |',
    ])
  })
})

describe('a row', () => {
  test.each(['', 'yes', 'not applicable', 'not met:', 'not met: todo', 'see the tests'])(
    'with neither a link nor a reason is a fault: %j',
    (evidence) => {
      expect(faults(evidence)).toContain('1.1.1 has neither a test, nor a heading, nor a reason why not')
    },
  )

  test.each([
    ['`packages/a/src/b.test.ts > outside`', 'packages/a/src/b.test.ts is no test file'],
    ['`packages/a/src/a.ts > outside`', 'packages/a/src/a.ts is no test file'],
    ['`packages/a/src/a.test.ts > outsid`', 'packages/a/src/a.test.ts has no test "outsid"'],
    ['`packages/a/src/a.test.ts > a group`', 'packages/a/src/a.test.ts has no test "a group"'],
    ['`packages/a/src/a.test.ts > no group > inside`', 'packages/a/src/a.test.ts has no group "no group"'],
    ['`packages/a/src/a.test.ts > a group > outside`', 'packages/a/src/a.test.ts has no test "outside"'],
    ['[x](guides/none.md#logging)', 'docs/guides/none.md is no page'],
    ['[x](guides/logging.md#what-is-written)', 'docs/guides/logging.md has no heading #what-is-written'],
    ['[x](guides/logging.md)', 'docs/guides/logging.md has no heading #'],
  ])('that names what is not there is a fault: %s', (evidence, message) => {
    expect(faults(evidence)).toEqual([`1.1.1 ${message}`])
    expect(faults(`not met: it is being built. ${evidence}`)).toEqual([`1.1.1 ${message}`])
  })

  test('may name a case of the matrix, and no other code', () => {
    const text = "export const some = [{\n    title: 'refuses it',\n}]"
    const path = 'packages/testing/src/matrix/cases-a.ts'
    expect(faults(`\`${path} > refuses it\``, [{ path, text }])).toEqual([])
    expect(faults(`\`${path} > takes it\``, [{ path, text }])).toEqual([
      `1.1.1 ${path} has no test "takes it"`,
    ])
    const other = 'packages/testing/src/matrix/case.ts'
    expect(faults(`\`${other} > refuses it\``, [{ path: other, text }])).toEqual([
      `1.1.1 ${other} is no test file`,
    ])
  })
})
