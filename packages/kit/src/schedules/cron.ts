import { Cron } from 'croner'
import type { ScheduledTask } from '../ports/schedules.ts'

/** The due moments of a task. */
export interface Timetable {
  /** The last due moment that is not after `now`; null when there was none. */
  last(now: Date): Date | null
  /** The first due moment after `now`; null when there is none. */
  next(now: Date): Date | null
}

/** Reads the expression of a task; throws when it or the zone is wrong. */
export const timetableOf = ({ name, cron, timeZone = 'UTC' }: Omit<ScheduledTask, 'run'>): Timetable => {
  try {
    const pattern = new Cron(cron, { mode: '5-part', timezone: timeZone, paused: true })
    // A wrong zone shows only when it is used.
    pattern.nextRun(new Date())
    return {
      last: (now) => pattern.previousRuns(1, new Date(now.getTime() + 1))[0] ?? null,
      next: (now) => pattern.nextRun(now),
    }
  } catch (cause) {
    throw new Error(`the schedule '${name}' can not be read: ${String(cause)}`, { cause })
  }
}
