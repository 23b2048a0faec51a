import type { Clock } from './ports.ts'

/** The time of the machine. */
export const systemClock: Clock = { now: () => new Date() }
