import type { Database } from '@plinth/db'
import type { ScheduledTask, Schedules } from '../ports/schedules.ts'
import type { Job, Jobs } from '../ports.ts'
import type { KitTables } from '../tables.ts'
import { type Timetable, timetableOf } from './cron.ts'
import { addRun, createRunLog, type RunPayload } from './runs.ts'

interface SchedulesDeps {
  readonly db: Database<KitTables>
  readonly jobs: Jobs
  /** The moment by the clock that all processes share. */
  readonly time: () => Promise<Date>
}

interface Entry {
  readonly task: ScheduledTask
  readonly table: Timetable
  /** Nothing has to be looked at before this moment. */
  nextAt: number
}

const payloadOf = ({ payload }: Job): RunPayload => {
  if (typeof payload === 'object' && payload !== null && 'run' in payload && 'due' in payload)
    return { run: String(payload.run), due: String(payload.due) }
  throw new TypeError('the job names no run of a schedule')
}

// A task that is seen for the first time begins now: what was due before is nobody's to make up for.
const learn = (db: Database<KitTables>, entries: readonly Entry[], now: Date) =>
  db.transaction((trx) =>
    trx
      .insertInto('schedules')
      .values(entries.map(({ task }) => ({ name: task.name, last_due_at: now.toISOString() })))
      .onConflict((conflict) => conflict.doNothing())
      .execute(),
  )

/** Schedules over the table of their runs, on which processes agree, and jobs, which do them. */
export const createSchedules = ({ db, jobs, time }: SchedulesDeps): Schedules => {
  const entries = new Map<string, Entry>()
  const keep = createRunLog(db, time)

  const fireOne = async ({ task, table }: Entry, since: string, now: Date): Promise<boolean> => {
    const due = table.last(now)
    if (!due || due.toISOString() <= since) return false
    return db.transaction(async (trx) => {
      const payload = await addRun(trx, task.name, due, now)
      if (payload) await jobs.enqueue(trx, [{ name: task.name, payload }], now)
      return payload !== null
    })
  }

  const look = async (waiting: readonly Entry[], now: Date): Promise<number> => {
    const names = waiting.map(({ task }) => task.name)
    const rows = await db.read
      .selectFrom('schedules')
      .select(['name', 'last_due_at'])
      .where('name', 'in', names)
      .execute()
    const since = new Map(rows.map(({ name, last_due_at }) => [name, last_due_at]))
    const unknown = waiting.filter(({ task }) => !since.has(task.name))
    if (unknown.length > 0) await learn(db, unknown, now)
    let fired = 0
    for (const entry of waiting) {
      const last = since.get(entry.task.name)
      if (last !== undefined && (await fireOne(entry, last, now))) fired += 1
      entry.nextAt = entry.table.next(now)?.getTime() ?? Number.POSITIVE_INFINITY
    }
    return fired
  }

  return {
    add(task) {
      if (entries.has(task.name)) throw new Error(`the schedule '${task.name}' is there already`)
      entries.set(task.name, { task, table: timetableOf(task), nextAt: 0 })
      jobs.handle(task.name, (job, signal) => {
        const payload = payloadOf(job)
        return keep(job, payload, () => task.run(new Date(payload.due), signal))
      })
    },
    tasks: () => [...entries.values()].map(({ task }) => task).sort((a, b) => (a.name < b.name ? -1 : 1)),
    next: (name, after) => entries.get(name)?.table.next(after) ?? null,
    async fire() {
      if (entries.size === 0) return 0
      const now = await time()
      const waiting = [...entries.values()].filter(({ nextAt }) => nextAt <= now.getTime())
      return waiting.length === 0 ? 0 : look(waiting, now)
    },
  }
}
