import { z } from 'zod'

const ms = z.int().min(1)

/** The limits of one dependency, without defaults: what is given for a single one replaces what holds for all. */
const limits = {
  timeoutMs: ms.describe('Longest time of one attempt'),
  deadlineMs: ms.describe('Longest time of a call with all its attempts'),
  retries: z.int().min(0).max(10).describe('How often a call that may be repeated is tried again'),
  backoffMs: ms.describe('First pause before another attempt; it doubles, with chance in it'),
  maxBackoffMs: ms.describe('Longest pause before another attempt'),
  failureRatio: z.number().min(0.01).max(0.99).describe('Share of failed calls above which a circuit opens'),
  windowCalls: z.int().min(1).max(1000).describe('How many of the last calls are looked at'),
  minimumCalls: z.int().min(1).max(1000).describe('Fewest calls that open a circuit'),
  openMs: ms.describe('How long an open circuit turns calls away before it lets one through'),
  concurrency: z.int().min(1).describe('Calls at work at once'),
  queue: z.int().min(0).describe('Calls that may wait for their turn; more are turned away'),
}

/** How everything on the outside is called: mail, file stores and the like. */
export const OutsideSettings = z
  .strictObject({
    timeoutMs: limits.timeoutMs.default(5000),
    deadlineMs: limits.deadlineMs.default(15_000),
    retries: limits.retries.default(2),
    backoffMs: limits.backoffMs.default(100),
    maxBackoffMs: limits.maxBackoffMs.default(2000),
    failureRatio: limits.failureRatio.default(0.5),
    windowCalls: limits.windowCalls.default(20),
    minimumCalls: limits.minimumCalls.default(5),
    openMs: limits.openMs.default(10_000),
    concurrency: limits.concurrency.default(10),
    queue: limits.queue.default(100),
    dependencies: z
      .record(z.string(), z.strictObject(limits).partial())
      .default({})
      .describe('What differs for single ones by name, such as {"mail":{"timeoutMs":20000}}'),
  })
  .prefault({})
