import type { DatabaseName, Wire, Work } from './options.ts'
import { medianRound, quantile, type Round, ratioOf, type Weighed } from './statistics.ts'

/** Which figures a row holds. */
interface RowName {
  readonly database: DatabaseName
  readonly wire: Wire
  readonly work: Work | 'soak'
}

/** Plinth's figures for one work, beside the floor's rate. Latencies are milliseconds. */
export interface Row extends RowName {
  readonly rps: number
  readonly floorRps: number
  readonly ratio: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  /** Over all rounds. */
  readonly answers: number
  /** Over all rounds. */
  readonly errors: number
  /** Resident memory of Plinth after the last round. */
  readonly memoryMb: number
}

/** A row, and what the table alone shows: processor time per answer, which hardly depends on what else runs. */
export interface Result {
  readonly row: Row
  readonly cpuUs: number
  readonly floorCpuUs: number
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))

const medianCpu = (measured: readonly Weighed[]): number =>
  quantile(Float64Array.from(measured, ({ cpuUs }) => cpuUs).sort(), 0.5)

/** Sums the rounds of one row up. */
export const resultOf = (name: RowName, rounds: readonly Round[], memoryMb: number): Result => {
  const median = medianRound(rounds)
  const row: Row = {
    ...name,
    rps: Math.round(median.plinth.rps),
    floorRps: Math.round(median.floor.rps),
    ratio: rounded(ratioOf(median), 3),
    p50: rounded(median.plinth.p50, 2),
    p95: rounded(median.plinth.p95, 2),
    p99: rounded(median.plinth.p99, 2),
    answers: rounds.reduce((sum, { plinth }) => sum + plinth.answers, 0),
    errors: rounds.reduce((sum, { plinth }) => sum + plinth.errors, 0),
    memoryMb,
  }
  return {
    row,
    cpuUs: medianCpu(rounds.map(({ plinth }) => plinth)),
    floorCpuUs: medianCpu(rounds.map(({ floor }) => floor)),
  }
}
