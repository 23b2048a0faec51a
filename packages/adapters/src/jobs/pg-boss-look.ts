import type { ReadDb, Row, WriteDb } from '@plinth/db'
import { idOf, type JobFilter, type JobRecord, type JobState, type KitTables, uuidOf } from '@plinth/kit'
import { SCHEMA } from './pg-boss-open.ts'

type BossState = 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed'

/** What a job of pg-boss carries for us. */
export interface BossData {
  readonly payload: unknown
  /** The span that added it, where that was traced. */
  readonly traceparent?: string
  /** How often it was begun before it was redriven; left out: never. */
  readonly earlier?: number
}

/** What is read of the tables of pg-boss. */
export type BossTables = {
  job: {
    id: string
    name: string
    data: BossData | null
    state: BossState
    retry_limit: number
    retry_count: number
    singleton_key: string | null
    start_after: string
    created_on: string
    started_on: string | null
    completed_on: string | null
    output: unknown
  }
  queue: { name: string }
}

type BossRow = Row<BossTables['job']>

const STATES: Readonly<Record<BossState, JobState>> = {
  created: 'ready',
  retry: 'ready',
  active: 'running',
  completed: 'done',
  cancelled: 'dead',
  failed: 'dead',
}

const statesOf = (wanted: JobState): BossState[] =>
  (Object.keys(STATES) as BossState[]).filter((state) => STATES[state] === wanted)

const KEY = 'key:'

/** A key as it is kept; a job without one has a key that no other has, as only one per key may wait. */
export const keptKey = (key: string | undefined, uuid: string): string =>
  key === undefined ? uuid : KEY + key

/** The key that a job was given; null when it was given none. */
export const keyOf = (kept: string | null): string | null =>
  kept?.startsWith(KEY) ? kept.slice(KEY.length) : null

const messageOf = (output: unknown): string | null => {
  if (typeof output !== 'object' || output === null) return null
  if ('message' in output && typeof output.message === 'string') return output.message
  return 'value' in output ? messageOf(output.value) : null
}

/** How often a job was begun since it was added or redriven. */
export const attemptsOf = (row: Pick<BossRow, 'started_on' | 'retry_count'>): number =>
  row.started_on === null ? 0 : row.retry_count + 1

/** How often a job was begun before it was redriven. */
export const earlierOf = (data: BossData | null): number => data?.earlier ?? 0

const toRecord = (row: BossRow): JobRecord => ({
  id: idOf('job', row.id),
  name: row.name,
  key: keyOf(row.singleton_key),
  state: STATES[row.state],
  attempts: attemptsOf(row),
  maxAttempts: row.retry_limit + 1,
  runAt: row.start_after,
  createdAt: row.created_on,
  finishedAt: row.completed_on,
  error: messageOf(row.output),
})

const COLUMNS = [
  'id',
  'name',
  'state',
  'data',
  'retry_limit',
  'retry_count',
  'singleton_key',
  'start_after',
  'created_on',
  'started_on',
  'completed_on',
  'output',
] as const

/** The tables of pg-boss through one of our handles. */
export const bossTables = (db: ReadDb<KitTables> | WriteDb<KitTables>): ReadDb<KitTables & BossTables> =>
  (db as ReadDb<KitTables>).$extendTables<BossTables>().withSchema(SCHEMA)

/** The row of a job; its queues are named because the rows are indexed by them. */
export const findRow = async (db: ReadDb<KitTables & BossTables>, id: string): Promise<BossRow | undefined> =>
  db
    .selectFrom('job')
    .select(COLUMNS)
    .where('id', '=', uuidOf(id))
    .where('name', 'in', db.selectFrom('queue').select('name'))
    .executeTakeFirst()

/** Jobs by state and name, newest first. */
export const listJobs = async (
  db: ReadDb<KitTables>,
  { state, name, after, limit }: JobFilter,
): Promise<JobRecord[]> => {
  let query = bossTables(db).selectFrom('job').select(COLUMNS).orderBy('id', 'desc').limit(limit)
  if (state !== undefined) query = query.where('state', 'in', statesOf(state))
  if (name !== undefined) query = query.where('name', '=', name)
  if (after !== undefined) query = query.where('id', '<', uuidOf(after))
  return (await query.execute()).map(toRecord)
}

/** One job, whatever its state. */
export const getJob = async (
  db: ReadDb<KitTables> | WriteDb<KitTables>,
  id: string,
): Promise<JobRecord | null> => {
  const row = await findRow(bossTables(db), id)
  return row ? toRecord(row) : null
}

/** How many jobs there are in each state that occurs. */
export const countJobs = async (db: ReadDb<KitTables>): Promise<Record<string, number>> => {
  const rows = await bossTables(db)
    .selectFrom('job')
    .select(['state', ({ fn }) => fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  const counts: Record<string, number> = {}
  for (const { state, count } of rows) counts[STATES[state]] = (counts[STATES[state]] ?? 0) + Number(count)
  return counts
}

/** When the first of the jobs that wait came due, or will. */
export const dueSince = async (db: ReadDb<KitTables>): Promise<string | null> => {
  const first = await bossTables(db)
    .selectFrom('job')
    .select('start_after')
    .where('state', 'in', statesOf('ready'))
    .orderBy('start_after')
    .limit(1)
    .executeTakeFirst()
  return first?.start_after ?? null
}
