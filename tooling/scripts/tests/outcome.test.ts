import { describe, expect, test } from 'vitest'
import { closingLine, merge, outcomeOf, readClosingLine } from './outcome.ts'

const report = (
  counts: Partial<Record<'passed' | 'failed' | 'pending' | 'todo', number>>,
  suites: object[] = [],
) => ({
  numPassedTests: counts.passed ?? 0,
  numFailedTests: counts.failed ?? 0,
  numPendingTests: counts.pending ?? 0,
  numTodoTests: counts.todo ?? 0,
  testResults: suites,
})

describe('a run is refused', () => {
  test('when it ran no test', () => {
    expect(outcomeOf('sqlite', report({}), 0)).toEqual({
      passed: 0,
      failed: 1,
      problems: ['sqlite: no test ran'],
    })
  })

  test('when a test was skipped or is still to be written', () => {
    expect(outcomeOf('sqlite', report({ passed: 3, pending: 1, todo: 1 }), 0)).toMatchObject({
      passed: 3,
      failed: 2,
      problems: ['sqlite: 2 tests were skipped or are still to be written'],
    })
  })

  test('when a suite did not load', () => {
    const suite = { name: 'a.test.ts', status: 'failed', message: 'no such module', assertionResults: [] }
    expect(outcomeOf('postgres', report({ passed: 3 }, [suite]), 1)).toMatchObject({
      failed: 1,
      problems: ['postgres: a.test.ts failed outside of its tests'],
    })
  })

  test('when it left no report', () => {
    expect(outcomeOf('postgres', undefined, 137)).toMatchObject({ failed: 1 })
  })

  test('when it ended with an error although its tests passed', () => {
    expect(outcomeOf('postgres', report({ passed: 3 }), 1)).toMatchObject({ passed: 3, failed: 1 })
  })
})

test('a failed test is counted once, not once more for its suite', () => {
  const suite = {
    name: 'a.test.ts',
    status: 'failed',
    assertionResults: [{ status: 'failed', fullName: 'it' }],
  }
  expect(outcomeOf('sqlite', report({ passed: 2, failed: 1 }, [suite]), 1)).toEqual({
    passed: 2,
    failed: 1,
    problems: [],
  })
})

test('the closing line adds up the engines and can be read back', () => {
  const line = closingLine(
    merge([
      { passed: 2, failed: 0, problems: [] },
      { passed: 1, failed: 1, problems: [] },
    ]),
  )
  expect(line).toBe('3 passed, 1 failed')
  expect(readClosingLine(`other output\n${line}\n`)).toEqual({ passed: 3, failed: 1 })
  expect(readClosingLine('3 passed, 1 failed\nand more')).toBeUndefined()
})
