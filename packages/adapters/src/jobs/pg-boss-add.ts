import type { WriteDb } from '@plinth/db'
import { type KitTables, type NewJob, newId, type Redriven, uuidOf } from '@plinth/kit'
import type { JobInsert } from 'pg-boss'
import type { RuleOf } from './job-store.ts'
import {
  attemptsOf,
  type BossData,
  type BossTables,
  bossTables,
  earlierOf,
  findRow,
  keptKey,
  keyOf,
} from './pg-boss-look.ts'
import { type createOpener, SCHEMA, within } from './pg-boss-open.ts'

type Trx = WriteDb<KitTables>
type NamedJob = Omit<NewJob, 'name'> & { readonly earlier?: number }

const DAY_S = 86_400
const KEEP_DEAD_S = 30 * DAY_S
// A job that waits is never thrown away for its age.
const KEEP_WAITING_S = 3650 * DAY_S

const rulesOf = ({ maxAttempts, maxPauseMs }: ReturnType<RuleOf>, leaseMs: number) => ({
  retryLimit: maxAttempts - 1,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: Math.max(1, Math.round(maxPauseMs / 1000)),
  expireInSeconds: Math.ceil(leaseMs / 1000),
  deleteAfterSeconds: KEEP_DEAD_S,
  retentionSeconds: KEEP_WAITING_S,
})

/**
 * The keys of a name that wait. Of those that wait for the first time the store itself allows one per key; one that
 * waits to be tried again counts as well.
 */
const waitingKeys = async (trx: Trx, name: string, jobs: readonly NamedJob[]) => {
  const keys = jobs.flatMap(({ key }) => (key === undefined ? [] : [keptKey(key, '')]))
  if (keys.length === 0) return new Set<string | null>()
  const rows = await bossTables(trx)
    .selectFrom('job')
    .select('singleton_key')
    .where('name', '=', name)
    .where('state', 'in', ['created', 'retry'])
    .where('singleton_key', 'in', keys)
    .execute()
  return new Set(rows.map(({ singleton_key }) => singleton_key))
}

/** Deletes a job while it is dead; false when somebody else was first. */
const deleteDead = async (trx: Trx, name: string, uuid: string): Promise<boolean> => {
  const { numDeletedRows } = await trx
    .$extendTables<BossTables>()
    .withSchema(SCHEMA)
    .deleteFrom('job')
    .where('name', '=', name)
    .where('id', '=', uuid)
    .where('state', '=', 'failed')
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** Adds jobs to pg-boss, new ones and dead ones anew. */
export const createAdder = (opener: ReturnType<typeof createOpener>, leaseMs: number) => {
  const insertOf = (
    { payload, runAt, key, traceparent, earlier }: NamedJob,
    uuid: string,
    rule: ReturnType<RuleOf>,
  ): JobInsert<BossData> => ({
    id: uuid,
    data: {
      payload,
      ...(traceparent !== undefined && { traceparent }),
      ...(earlier !== undefined && { earlier }),
    },
    singletonKey: keptKey(key, uuid),
    ...(runAt && { startAfter: runAt }),
    ...rulesOf(rule, leaseMs),
  })
  return {
    async add(this: void, trx: Trx, jobs: readonly NewJob[], now: Date, ruleOf: RuleOf): Promise<void> {
      const boss = await opener.open()
      for (const [name, named] of Map.groupBy(jobs, (job) => job.name)) {
        await opener.queue(name)
        const waiting = await waitingKeys(trx, name, named)
        const fresh = named
          .map((job) => insertOf(job, uuidOf(newId('job', now)), ruleOf(name)))
          .filter(({ singletonKey = null }) => !waiting.has(singletonKey))
        if (fresh.length > 0) await boss.insert(name, fresh, within(trx))
      }
    },

    /**
     * Puts a dead job back as a new row of the same id: pg-boss itself would grant it one more attempt only. As pg-boss
     * counts that row from nought, it carries how often the job was begun before.
     */
    async redrive(this: void, trx: Trx, id: string, _now: Date, ruleOf: RuleOf): Promise<Redriven> {
      const boss = await opener.open()
      const row = await findRow(bossTables(trx), id)
      if (!row) return 'absent'
      const { id: uuid, name, data, singleton_key, state } = row
      const earlier = earlierOf(data) + attemptsOf(row)
      if (state !== 'failed') return 'not-dead'
      const key = keyOf(singleton_key) ?? undefined
      const kept = { payload: data?.payload ?? null, traceparent: data?.traceparent, earlier }
      const job = { ...kept, ...(key !== undefined && { key }) }
      if ((await waitingKeys(trx, name, [job])).size > 0) return 'key-waits'
      if (!(await deleteDead(trx, name, uuid))) return 'not-dead'
      await boss.insert(name, [insertOf(job, uuid, ruleOf(name))], within(trx))
      return 'redriven'
    },
  }
}
