import { setTimeout } from 'node:timers/promises'

/**
 * Waits until a check holds, which is when it does not throw, and answers what it answers. The time is enough for a machine
 * that is busy with other tests; a check that does not hold by then fails with its own error.
 */
export const eventually = async <T>(check: () => Promise<T> | T, withinMs = 15_000): Promise<T> => {
  const end = performance.now() + withinMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > end) throw error
    }
    await setTimeout(20)
  }
}
