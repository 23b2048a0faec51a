import type { WriteDb } from '@plinth/db'
import { common, networkOf } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import { createThrottle, type ThrottleRule } from '../throttles/throttle.ts'

/** How many wrong tries lock an account for one network, and for all of them. */
export interface AttemptRules {
  readonly perNetwork: ThrottleRule
  readonly perAccount: ThrottleRule
}

/** Where a try comes from, and the transaction that it is counted in. */
export interface Trying {
  readonly db: WriteDb<CoreDb>
  readonly now: Date
  readonly address: string
}

/** Counts wrong tries at something of an account that can be guessed. */
export interface Attempts {
  /** @throws {Failure} TOO_MANY_REQUESTS while there were too many; hold the user's row, so that no try slips past. */
  check(trying: Trying, userId: string): Promise<void>
  /** Counts one; answers whether this one locked the account. */
  failed(trying: Trying, userId: string): Promise<boolean>
  /** Forgets them, as after a right one. */
  clear(trying: Trying, userId: string): Promise<void>
}

/** Makes the count of a name; those of different names do not count together. */
export const createAttempts = (name: string, { perNetwork, perAccount }: AttemptRules): Attempts => {
  const throttles = [
    { throttle: createThrottle(`${name}-network`, perNetwork), subject: subjectByNetwork },
    {
      throttle: createThrottle(`${name}-account`, perAccount),
      subject: (_: Trying, userId: string) => userId,
    },
  ]
  return {
    async check(trying, userId) {
      for (const { throttle, subject } of throttles) {
        const ms = await throttle.lockedMs(trying.db, subject(trying, userId), trying.now)
        if (ms > 0)
          throw common('TOO_MANY_REQUESTS', { headers: { 'retry-after': String(Math.ceil(ms / 1000)) } })
      }
    },
    async failed(trying, userId) {
      let locked = false
      for (const { throttle, subject } of throttles) {
        await throttle.failed(trying.db, subject(trying, userId), trying.now)
        locked ||= (await throttle.lockedMs(trying.db, subject(trying, userId), trying.now)) > 0
      }
      return locked
    },
    async clear(trying, userId) {
      for (const { throttle, subject } of throttles) await throttle.clear(trying.db, subject(trying, userId))
    },
  }
}

const subjectByNetwork = ({ address }: Trying, userId: string): string => `${userId} ${networkOf(address)}`
