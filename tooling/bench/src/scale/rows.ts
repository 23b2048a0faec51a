import type { DatabaseName, Wire } from '../options.ts'
import type { Measured } from '../statistics.ts'

/** One work at one size, beside the same work at the smallest. */
interface ScaleRow {
  readonly database: DatabaseName
  readonly wire: Wire
  readonly work: string
  readonly rps: number
  /** Of the same work at the smallest size. */
  readonly floorRps: number
  readonly ratio: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly errors: number
  readonly memoryMb: number
}

interface Sized {
  readonly database: DatabaseName
  readonly wire: Wire
  readonly work: string
  readonly size: number
  readonly memoryMb: number
}

/** Makes rows whose floor is the first of their work, and prints each. */
export const createRows = () => {
  const rows: ScaleRow[] = []
  const smallest = new Map<string, number>()
  return {
    rows,
    add({ database, wire, work, size, memoryMb }: Sized, { rps, p50, p95, p99, errors }: Measured): void {
      const name = `${database} ${wire} ${work}`
      const base = smallest.get(name) ?? rps
      smallest.set(name, base)
      const row: ScaleRow = {
        database,
        wire,
        work: `${work}-${size}`,
        rps: Math.round(rps),
        floorRps: Math.round(base),
        ratio: Number((base > 0 ? rps / base : 0).toFixed(3)),
        p50: Number(p50.toFixed(2)),
        p95: Number(p95.toFixed(2)),
        p99: Number(p99.toFixed(2)),
        errors,
        memoryMb,
      }
      rows.push(row)
      process.stdout.write(
        `${database.padEnd(9)} ${wire} ${row.work.padEnd(18)} ${row.rps} req/s, ${row.ratio} of the smallest, ` +
          `p50 ${row.p50} ms, p99 ${row.p99} ms, ${errors} errors, ${memoryMb} MB\n`,
      )
    },
  }
}
