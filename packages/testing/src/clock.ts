import type { Clock } from '@plinth/kit'

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  advance(ms: number): void
}

/** Makes a fake clock; it starts at the present, so that its tokens are not expired for the parts that read the real time. */
export const createFakeClock = (start = new Date()): FakeClock => {
  let now = start.getTime()
  return {
    now: () => new Date(now),
    advance(ms) {
      now += ms
    },
  }
}
