import { readdir, readFile } from 'node:fs/promises'
import { getPriority, setPriority } from 'node:os'

const THREADS = '/proc/self/task'
const POOL = 'libuv-worker'
const STEP = 10
const LOWEST = 19

/**
 * Lets the thread that answers requests go before those of the thread pool, which hash passwords: where they share a core, each
 * registration would hold up every other answer for as long as its hash takes. Answers how many threads stand back: none
 * outside Linux, which alone gives threads a priority of their own.
 */
export const letPoolStandBack = async (): Promise<number> => {
  if (process.platform !== 'linux') return 0
  // Reading it starts the pool.
  const threads = await readdir(THREADS)
  const names = await Promise.all(threads.map((thread) => readFile(`${THREADS}/${thread}/comm`, 'utf8')))
  const pool = threads.filter((_, index) => names[index]?.trim() === POOL).map(Number)
  for (const thread of pool) setPriority(thread, Math.min(LOWEST, getPriority(thread) + STEP))
  return pool.length
}
