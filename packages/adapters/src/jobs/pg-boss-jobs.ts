import type { Database, WriteDb } from '@plinth/db'
import { idOf, type Jobs, type KitTables, uuidOf } from '@plinth/kit'
import type { PgBoss } from 'pg-boss'
import { createJobs, type JobsDeps, withDefaults } from './create-jobs.ts'
import { type Claimed, errorText, type HeldJob, type JobStore, type Wanted } from './job-store.ts'
import { createAdder } from './pg-boss-add.ts'
import {
  type BossData,
  bossTables,
  countJobs,
  dueSince,
  earlierOf,
  getJob,
  listJobs,
} from './pg-boss-look.ts'
import { createOpener, SCHEMA, within } from './pg-boss-open.ts'

interface PgBossJobsDeps extends JobsDeps {
  /** A database on a server: its `address` is where pg-boss connects to. */
  readonly db: Database<KitTables>
  /** Milliseconds after which a server that owes an answer is taken for lost; left out: 15 s. */
  readonly silentMs?: number
}

const SILENT_MS = 15_000

const TIDY_EVERY_MS = 30_000
const TIDY_BATCH = 500
const KEEP_DONE = '1 day'

// One statement tells which queues have something due, however many there are.
const DUE = `select q.name from ${SCHEMA}.queue q where q.name = any($1::text[]) and exists (
  select from ${SCHEMA}.job j where j.name = q.name and j.state < 'active' and not j.blocked
    and j.start_after <= ${SCHEMA}.job_now()) order by random()`

const FORGET_DONE = `delete from ${SCHEMA}.job where (name, id) in (select name, id from ${SCHEMA}.job
  where state = 'completed' and completed_on < ${SCHEMA}.job_now() - interval '${KEEP_DONE}'
  limit ${TIDY_BATCH}) returning 1`

// However many attempts are left: what fails now fails for good.
const LAST_ATTEMPT = `update ${SCHEMA}.job set retry_limit = retry_count
  where name = $1 and id = $2::uuid`

const affected = (response: object): boolean => Reflect.get(response, 'affected') === 1

const claim = async (boss: PgBoss, { names, most }: Wanted): Promise<Claimed> => {
  const { rows } = await boss.getDb().executeSql(DUE, [names])
  const due = rows.map(({ name }) => String(name))
  const claimed: HeldJob[] = []
  for (const [at, name] of due.entries()) {
    // Each queue gets its share, so that a long one does not hold up the others.
    const batchSize = Math.ceil((most - claimed.length) / (due.length - at))
    if (batchSize === 0) break
    const jobs = await boss.fetch<BossData>(name, { batchSize, includeMetadata: true })
    for (const { id, data, retryCount, retryLimit } of jobs) {
      const earlier = earlierOf(data)
      claimed.push({
        id: idOf('job', id),
        name,
        payload: data.payload,
        attempt: earlier + retryCount + 1,
        earlier,
        last: retryCount >= retryLimit,
        traceparent: data.traceparent ?? null,
      })
    }
  }
  return { seen: claimed.length, claimed, lost: [] }
}

type Opener = ReturnType<typeof createOpener>
type Adder = ReturnType<typeof createAdder>

type Trx = WriteDb<KitTables>
type Held = { readonly id: string; readonly retryCount: number }

/**
 * Ends an attempt if this worker holds it still. pg-boss knows an attempt by a count that starts anew with a row, and
 * a redriven job is a new row of the same id: what was begun before is compared by us, and the row stays locked until
 * pg-boss has changed it in the same transaction.
 */
const whileHeld = (
  db: Database<KitTables>,
  { id, name, attempt, earlier }: HeldJob,
  end: (trx: Trx, held: Held) => Promise<object>,
): Promise<boolean> =>
  db.transaction(async (trx) => {
    const held = { id: uuidOf(id), retryCount: attempt - earlier - 1 }
    const row = await bossTables(trx)
      .selectFrom('job')
      .select('data')
      .where('name', '=', name)
      .where('id', '=', held.id)
      .where('state', '=', 'active')
      .where('retry_count', '=', held.retryCount)
      .forUpdate()
      .executeTakeFirst()
    return row !== undefined && earlierOf(row.data) === earlier && affected(await end(trx, held))
  })

/** Each call opens pg-boss when it is the first. */
const createBossStore = (db: Database<KitTables>, opener: Opener, adder: Adder): JobStore => ({
  add: adder.add,
  async claim(wanted) {
    const boss = await opener.open()
    // Somebody asks who does not go on looking: what lost workers held is to be taken back now.
    if (wanted.now) await boss.supervise()
    return claim(boss, wanted)
  },
  async done(job) {
    const boss = await opener.open()
    return whileHeld(db, job, (trx, held) => boss.complete(job.name, held, undefined, within(trx)))
  },
  async failed(job, error) {
    const boss = await opener.open()
    const mine = await whileHeld(db, job, async (trx, held) => {
      const own = within(trx)
      if (job.last) await own.db.executeSql(LAST_ATTEMPT, [job.name, held.id])
      return boss.fail(job.name, held, { message: errorText(error) }, own)
    })
    if (!mine) return 'overtaken'
    return job.last ? 'dead' : 'retried'
  },
  tidyEveryMs: TIDY_EVERY_MS,
  async tidy() {
    const boss = await opener.open()
    await boss.supervise()
    return (await boss.getDb().executeSql(FORGET_DONE)).rows.length === TIDY_BATCH
  },
  async counts() {
    await opener.open()
    return countJobs(db.read)
  },
  async dueSince() {
    await opener.open()
    return dueSince(db.read)
  },
  async list(handle, filter) {
    await opener.open()
    return listJobs(handle, filter)
  },
  async get(handle, id) {
    await opener.open()
    return getJob(handle, id)
  },
  redrive: adder.redrive,
  close: opener.close,
})

/**
 * Keeps jobs in pg-boss, in a schema and with a few connections of its own; the time is that of the server. Jobs
 * are added in the caller's transaction. Those that are done are deleted after a day, dead ones after thirty.
 */
export const createPgBossJobs = ({ db, silentMs = SILENT_MS, ...deps }: PgBossJobsDeps): Jobs => {
  if (db.address === null) throw new Error('pg-boss keeps jobs on a database server, and this is a file')
  const opener = createOpener({ address: db.address, silentMs }, deps.log)
  const adder = createAdder(opener, withDefaults(deps.settings ?? {}).leaseMs)
  return createJobs(createBossStore(db, opener, adder), deps)
}
