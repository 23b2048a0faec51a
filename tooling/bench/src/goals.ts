import { type DatabaseName, MAIN } from './options.ts'
import type { Row } from './rows.ts'

/** A goal of a row, and whether the row reaches it. */
export interface Judged {
  readonly goal: string
  readonly reached: boolean
}

/** The least ratio that each database is to reach in the works of a quick run. */
const RATIOS: Readonly<Record<DatabaseName, number>> = { sqlite: 0.8, postgres: 0.9 }

// Where a change has made something slow. Well below the goals, for machines that test are busy and small.
const GATES: Readonly<Record<DatabaseName, number>> = { sqlite: 0.35, postgres: 0.5 }

const atLeast = (name: string, value: number, least: number): Judged => ({
  goal: `${name} ${value} is to be at least ${least}`,
  reached: value >= least,
})

const below = (name: string, value: number, most: number): Judged => ({
  goal: `${name} ${value} is to be below ${most}`,
  reached: value < most,
})

/** Judges a row by the goals of its work; there are none for most. */
export const judge = (row: Row): readonly Judged[] => {
  const { work, ratio, rps, p95, p99, errors, answers } = row
  if (work !== 'soak' && MAIN.includes(work)) return [atLeast('the ratio', ratio, RATIOS[row.database])]
  if (work === 'mixed-1000-a-second') return [below('p99 ms', p99, 20), below('errors', errors, 1)]
  if (work !== 'mixed-200-users') return []
  const failed = Number(((100 * errors) / Math.max(1, answers + errors)).toFixed(2))
  return [
    below('percent of errors', failed, 1),
    below('p95 ms', p95, 200),
    below('p99 ms', p99, 500),
    atLeast('requests per second', rps, 1000),
  ]
}

/** The rows whose ratio is so far below its goal that something must have become slow, each in a sentence. */
export const tooSlow = (rows: readonly Row[]): string[] =>
  rows
    .filter(({ work, ratio, database }) => work !== 'soak' && MAIN.includes(work) && ratio < GATES[database])
    .map(
      ({ database, wire, work, ratio }) =>
        `${database}, ${wire}, ${work}: ${ratio} of the floor, ${GATES[database]} at the least`,
    )
