import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { PoolStats } from '../../pool-stats.ts'
import type { Measures } from '../types.ts'

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    // The files beside the database come and go.
    () => 0,
  )

/** Measures the file, what is written ahead of it, and the file system that both are on. */
export const measure = async (
  path: string,
  { read, write }: { read: PoolStats; write: PoolStats },
): Promise<Measures> => {
  const [main, ahead, system] = await Promise.all([
    sizeOf(path),
    sizeOf(`${path}-wal`),
    statfs(dirname(path)),
  ])
  return {
    bytes: main + ahead,
    freeBytes: system.bavail * system.bsize,
    // Transactions that write take turns: whoever waits for the one connection waits for its lock.
    lockWaits: write.waiting,
    connections: { open: read.open + write.open, max: read.max + write.max },
  }
}
