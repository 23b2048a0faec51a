/** Something that is done again and again, at the moments that its cron expression names. */
export interface ScheduledTask {
  /** Unique over all systems; the job that does it has the same name. */
  readonly name: string
  /** What it does, for people who look at it. */
  readonly description: string
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string
  /** An IANA zone in which the fields are meant; left out: UTC. */
  readonly timeZone?: string
  /** Does it for one due moment, at least once; rejecting means that it is tried again. */
  run(due: Date, signal: AbortSignal): Promise<void>
}

/** Fires tasks at their due moments, each moment once over all processes. */
export interface Schedules {
  /**
   * Adds a task, before the work begins.
   * @throws {Error} when its expression or zone is wrong, or its name is taken.
   */
  add(task: ScheduledTask): void
  /** All tasks, by name. */
  tasks(): readonly ScheduledTask[]
  /** When a task is due next after a moment; null when it never is. */
  next(name: string, after: Date): Date | null
  /**
   * Turns what is due by now into jobs; answers how many. Of the moments that were missed while nothing ran, only the
   * last one is made up for.
   */
  fire(): Promise<number>
}
