import { common } from '@plinth/kit'

/**
 * Lets `size` pieces of work run at a time and `most` wait for their turn; one more is refused with OVERLOADED, so
 * that a flood of logins takes neither all memory nor all patience.
 */
export const createHashGate = (size: number, most: number) => {
  const waiting: (() => void)[] = []
  let running = 0
  const enter = async (): Promise<void> => {
    if (running < size) {
      running += 1
      return
    }
    if (waiting.length >= most) throw common('OVERLOADED', { headers: { 'retry-after': '1' } })
    // Whoever leaves hands its place over, so `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const leave = (): void => {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
  return async <R>(work: () => Promise<R>): Promise<R> => {
    await enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }
}
