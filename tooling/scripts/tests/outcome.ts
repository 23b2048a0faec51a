import { z } from 'zod'

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
})

/** What a run came to: tests passed, tests failed, and a sentence for each reason to refuse it. */
export type Outcome = { passed: number; failed: number; problems: string[] }

const problem = (sentence: string): Outcome => ({ passed: 0, failed: 1, problems: [sentence] })

/**
 * Reads one run from Vitest's JSON report (undefined when it wrote none) and its exit code. Whatever is
 * not a passed test counts as failed: a skipped test, a suite that did not load, an error outside of tests.
 */
export const outcomeOf = (label: string, report: unknown, exitCode: number): Outcome => {
  const parsed = Report.safeParse(report)
  if (!parsed.success) return problem(`${label}: the run ended with ${exitCode} and left no report`)
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = parsed.data
  const problems: string[] = []
  const idle = numPendingTests + numTodoTests
  if (idle > 0) problems.push(`${label}: ${idle} tests were skipped or are still to be written`)
  const broken = testResults.filter(
    (suite) => suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed'),
  )
  for (const suite of broken) problems.push(`${label}: ${suite.name} failed outside of its tests`)
  if (numPassedTests + numFailedTests === 0) problems.push(`${label}: no test ran`)
  const failed = numFailedTests + idle + broken.length
  if (exitCode !== 0 && failed === 0 && problems.length === 0) {
    problems.push(`${label}: the run ended with ${exitCode} although every test passed`)
  }
  return { passed: numPassedTests, failed: Math.max(failed, problems.length > 0 ? 1 : 0), problems }
}

/** Adds up the runs of every engine. */
export const merge = (outcomes: readonly Outcome[]): Outcome => ({
  passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
  failed: outcomes.reduce((sum, { failed }) => sum + failed, 0),
  problems: outcomes.flatMap(({ problems }) => problems),
})

/** The line that ends every run of the suite: `N passed, N failed`. */
export const closingLine = ({ passed, failed }: Pick<Outcome, 'passed' | 'failed'>): string =>
  `${passed} passed, ${failed} failed`

/** Finds the closing line at the end of an output; undefined when there is none. */
export const readClosingLine = (output: string): { passed: number; failed: number } | undefined => {
  const match = /(\d+) passed, (\d+) failed\s*$/.exec(output)
  return match ? { passed: Number(match[1]), failed: Number(match[2]) } : undefined
}
