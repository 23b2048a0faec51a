import { expect, test } from 'vitest'
import { refusalOf } from '../openapi/report.ts'
import { announcesBreak, missingChangesets, parseChangeset } from './changesets.ts'

const changeset = parseChangeset(
  'first.md',
  `---\n'@plinth/contract': minor\n"@plinth/sdk": patch\n---\n\nText: major\n`,
)

test('the bumps are read from the front matter alone', () => {
  expect(changeset.bumps).toEqual({ '@plinth/contract': 'minor', '@plinth/sdk': 'patch' })
  expect(parseChangeset('none.md', "'@plinth/sdk': major").bumps).toEqual({})
})

test('a changed surface without a changeset is found; tests and other folders are no surface', () => {
  const paths = ['packages/contract/src/money.ts', 'packages/sdk/src/client.test.ts', 'packages/kit/src/a.ts']
  expect(missingChangesets(paths, [])).toEqual(['@plinth/contract'])
  expect(missingChangesets(paths, [changeset])).toEqual([])
})

test('a minor bump announces a break at 0.x, and a major one alone does from 1.0 on', () => {
  expect(announcesBreak([changeset], { '@plinth/contract': '0.9.0' })).toBe(true)
  expect(announcesBreak([changeset], { '@plinth/contract': '1.0.0' })).toBe(false)
  expect(announcesBreak([changeset], { '@plinth/sdk': '0.9.0' })).toBe(false)
})

test('a break is refused until it is announced, an addition never', () => {
  const change = { sentence: '', operationId: '', pointer: '' }
  expect(refusalOf([{ ...change, kind: 'behaviour' }], false)).toContain('no changeset says so')
  expect(refusalOf([{ ...change, kind: 'behaviour' }], true)).toBeUndefined()
  expect(refusalOf([{ ...change, kind: 'addition' }], false)).toBeUndefined()
})
