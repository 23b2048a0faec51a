/** What was done, by whom. Rows are only ever added: triggers refuse the rest. */
interface AuditLogTable {
  id: string
  at: string
  actor_id: string | null
  /** The administrator who acted in the place of the actor. */
  impersonated_by: string | null
  action: string
  target: string | null
  outcome: 'done' | 'refused'
  code: string | null
  address: string | null
  user_agent: string | null
  request_id: string
}

/** Events that were committed with the rows they tell of, until they are handed to their subscribers. */
interface OutboxTable {
  id: string
  type: string
  payload: unknown
  created_at: string
  dispatched_at: string | null
  /** The span that it happened in, where it was traced. */
  traceparent: string | null
}

/** Answers to keyed requests, to be given again for the same key and request. */
interface IdempotencyKeysTable {
  principal: string
  key: string
  request_hash: string
  /** The encoded answer; null while a procedure without a transaction runs. */
  answer: string | null
  /** Which try of such a procedure holds the key: one that was taken over must not touch its successor's. */
  claim: string | null
  created_at: string
  expires_at: string
}

/** Until which due moment each schedule has been seen to. */
interface SchedulesTable {
  name: string
  last_due_at: string
}

/** The last runs of each schedule, one per due moment. */
interface ScheduleRunsTable {
  id: string
  schedule: string
  due_at: string
  state: 'waiting' | 'running' | 'done' | 'failed'
  /** How often its job was begun. */
  attempts: number
  started_at: string | null
  ended_at: string | null
  error: string | null
}

/** Since when the rows of a table that is only ever added to are kept; older ones may be deleted. */
interface RetentionsTable {
  table_name: string
  kept_since: string
}

/** Tables of the kit itself; every system's database has them. */
export interface KitTables {
  audit_log: AuditLogTable
  outbox: OutboxTable
  idempotency_keys: IdempotencyKeysTable
  schedules: SchedulesTable
  schedule_runs: ScheduleRunsTable
  retentions: RetentionsTable
}
