import type { Database, Row, WriteDb } from '@plinth/db'
import type { AdapterTables } from '../tables.ts'
import type { Claimed, HeldJob } from './job-store.ts'
import { changeJob } from './table-rows.ts'

type Candidate = Pick<
  Row<AdapterTables['jobs']>,
  | 'id'
  | 'name'
  | 'payload'
  | 'state'
  | 'attempts'
  | 'earlier_attempts'
  | 'max_attempts'
  | 'last_error'
  | 'traceparent'
>

/** Which jobs to take, how many at the most, when, and for how long. */
export interface Claim {
  readonly names: readonly string[]
  readonly now: Date
  readonly most: number
  readonly leaseMs: number
}

const selectJobs = (db: Database<AdapterTables>, names: readonly string[], most: number) =>
  db.read
    .selectFrom('jobs')
    .select(['id', 'name', 'payload', 'state', 'attempts', 'earlier_attempts', 'max_attempts'])
    .select(['last_error', 'traceparent'])
    .where('name', 'in', names)
    .limit(most)

/** Jobs that may be begun now: first those whose worker is gone, then those that wait. */
const candidates = async (db: Database<AdapterTables>, claim: Claim): Promise<Candidate[]> => {
  const { names, most } = claim
  const now = claim.now.toISOString()
  const left = await selectJobs(db, names, most)
    .where('state', '=', 'running')
    .where('locked_until', '<=', now)
    .orderBy('locked_until')
    .execute()
  if (left.length === most) return left
  const waiting = await selectJobs(db, names, most - left.length)
    .where('state', '=', 'ready')
    .where('run_at', '<=', now)
    .orderBy('run_at')
    .orderBy('id')
    .execute()
  return [...left, ...waiting]
}

const giveUp = (trx: WriteDb<AdapterTables>, job: Candidate, { now }: Claim): Promise<boolean> =>
  changeJob(trx, job, {
    state: 'dead',
    locked_until: null,
    finished_at: now.toISOString(),
    last_error: job.last_error ?? 'its worker was gone before it ended',
  })

const take = async (trx: WriteDb<AdapterTables>, job: Candidate, claim: Claim): Promise<HeldJob | null> => {
  const attempts = job.attempts + 1
  const lockedUntil = new Date(claim.now.getTime() + claim.leaseMs).toISOString()
  const taken = await changeJob(trx, job, { state: 'running', attempts, locked_until: lockedUntil })
  const { id, name, payload, earlier_attempts: earlier, traceparent } = job
  const last = attempts >= job.max_attempts
  return taken ? { id, name, payload, attempt: earlier + attempts, earlier, last, traceparent } : null
}

/** Takes due jobs for this worker. */
export const claimJobs = async (db: Database<AdapterTables>, claim: Claim): Promise<Claimed> => {
  const seen = await candidates(db, claim)
  if (seen.length === 0) return { seen: 0, claimed: [], lost: [] }
  return db.transaction(async (trx) => {
    const claimed: HeldJob[] = []
    const lost: Candidate[] = []
    for (const job of seen) {
      if (job.attempts >= job.max_attempts) {
        if (await giveUp(trx, job, claim)) lost.push(job)
        continue
      }
      const taken = await take(trx, job, claim)
      if (taken) claimed.push(taken)
    }
    return { seen: seen.length, claimed, lost }
  })
}
