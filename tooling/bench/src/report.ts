import { judge } from './goals.ts'
import type { Options } from './options.ts'
import type { findCores } from './processes.ts'
import type { Result } from './rows.ts'

const TITLES = [
  'database',
  'wire',
  'work',
  'req/s',
  'floor',
  'ratio',
  'p50 ms',
  'p99 ms',
  'errors',
  'MB',
  'cpu us',
  'floor',
]
const WIDTHS = [10, 6, 21, 8, 8, 7, 9, 9, 8, 6, 9, 7]
const NAMES = 3

const line = (cells: readonly (string | number)[]): string =>
  cells
    .map((cell, at) => {
      const width = WIDTHS[at] ?? 0
      return at < NAMES ? String(cell).padEnd(width) : String(cell).padStart(width)
    })
    .join('')

const microseconds = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(0))

/** What is measured and how, in a few lines. */
export const heading = (options: Options, cores: ReturnType<typeof findCores>): string => {
  const pinned = cores
    ? `servers on core ${cores.server}, load on core ${cores.load}`
    : 'nothing pinned to a core (no taskset, or one core only)'
  return [
    'Plinth and the floor (Hono and the same driver, statements prepared, no framework) in turn:',
    `${options.rounds} rounds of ${options.seconds} s each, ${options.connections} connections, ${pinned}.`,
    'Plinth as in production with its log to /dev/null, but request limits raised, as all load has one address,',
    `and the response cache ${options.cached ? 'on' : 'off but for list-cold and list-warm'}. A row shows the round of the median ratio; cpu is`,
    'processor time per answer, Plinth and floor, in which other work on the machine hardly shows.',
    '',
    line(TITLES),
  ].join('\n')
}

/** One row of the table. */
export const resultLine = ({ row, cpuUs, floorCpuUs }: Result): string => {
  const { database, wire, work, rps, floorRps, ratio, p50, p99, errors } = row
  const figures = [rps, floorRps, ratio.toFixed(2), p50.toFixed(1), p99.toFixed(1), errors, row.memoryMb]
  return line([database, wire, work, ...figures, microseconds(cpuUs), microseconds(floorCpuUs)])
}

/** How many rows reach their goals, and which do not. */
export const summary = (results: readonly Result[]): string => {
  const judged = results.flatMap(({ row }) => judge(row).map((goal) => ({ row, ...goal })))
  const missed = judged.filter(({ reached }) => !reached)
  return [
    `${judged.length - missed.length} of ${judged.length} goals are reached`,
    ...missed.map(({ row, goal }) => `  not reached: ${row.database}, ${row.wire}, ${row.work}: ${goal}`),
  ].join('\n')
}
