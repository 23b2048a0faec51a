import type { Locks } from '@plinth/kit'
import { createLocks } from './locks.ts'

/** Locks within this process: who waits in line is all there is to wait for, and a lock ends with its holder. */
export const createMemoryLocks = (): Locks => {
  let fence = 0
  return createLocks({
    async acquire() {
      fence += 1
      return fence
    },
    extend: async () => true,
    release: async () => undefined,
  })
}
