import type { Job, Jobs, Redriven, RetryRule } from '@plinth/kit'

/** A job that this worker holds; `attempt`, which no other attempt of the job ever has, is the proof that it holds it still. */
export interface HeldJob extends Job {
  /** How many of its attempts were before it was last redriven; they count neither towards the limit nor the pauses. */
  readonly earlier: number
  /** Whether it is given up when this attempt fails. */
  readonly last: boolean
  /** The span that added it, where that was traced. */
  readonly traceparent: string | null
}

/** How long each kind of job is tried again, by its name. */
export type RuleOf = (name: string) => Required<RetryRule>

/** Which jobs to take and how many at the most. */
export interface Wanted {
  readonly names: readonly string[]
  readonly most: number
  /** Left out: the moment by the clock of the store. */
  readonly now?: Date
}

/** What a look found: how many there were to take, those that were had, and those given up as their worker was gone. */
export interface Claimed {
  readonly seen: number
  readonly claimed: readonly HeldJob[]
  readonly lost: readonly Pick<Job, 'id' | 'name'>[]
}

/**
 * Where jobs are kept. It owns the time of leases and of what is due, so that the clocks of workers do not matter.
 */
export interface JobStore extends Pick<Jobs, 'counts' | 'dueSince' | 'list' | 'get'> {
  add: (...added: [...Parameters<Jobs['enqueue']>, RuleOf]) => Promise<void>
  redrive: (...redriven: [...Parameters<Jobs['redrive']>, RuleOf]) => Promise<Redriven>
  claim(wanted: Wanted): Promise<Claimed>
  /** Ends a job well; false when another worker has taken it over. */
  done(job: HeldJob): Promise<boolean>
  /** Ends a failed attempt: it is tried again later, or was the last one. */
  failed(job: HeldJob, error: unknown, maxPauseMs: number): Promise<'retried' | 'dead' | 'overtaken'>
  /** How often `tidy` is called by a worker, in milliseconds. */
  readonly tidyEveryMs: number
  /** Takes back what lost workers held and deletes what ended long ago; true when there is more of it. */
  tidy(): Promise<boolean>
  close(): Promise<void>
}

const ERROR_LENGTH = 2000

/** What a failure says, short enough to keep and free of what no engine stores. */
export const errorText = (error: unknown): string =>
  String(error).replaceAll('\0', '').slice(0, ERROR_LENGTH).toWellFormed()
