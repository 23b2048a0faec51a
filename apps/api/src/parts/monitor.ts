import { lastBackups } from '@plinth/core'
import { type Database, measure } from '@plinth/db'
import {
  type Alerts,
  type Clock,
  type Invariant,
  type KitTables,
  type Logger,
  type Metrics,
  verifyInvariants,
} from '@plinth/kit'
import { Gauge } from 'prom-client'
import type { Settings } from '../settings.ts'

interface MonitorDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly alerts: Alerts
  readonly invariants: readonly Invariant[]
  /** Read at every look, so that thresholds can change while the server runs. */
  readonly thresholds: () => Settings['alerts']
}

/** Looks at what nobody asks for: backups, disk, connections, locks, and whether the data still holds together. */
export interface Monitor {
  start(): void
  stop(): Promise<void>
  /** Makes every look that is due now. */
  look(): Promise<void>
}

/** Whether a condition holds, and what there is to say about it. */
interface Verdict {
  readonly condition: string
  readonly holds: boolean
  readonly summary: string
}

/** Something to look at now and then. */
export interface Look {
  readonly name: string
  readonly everyMs: number
  /** How long after the start it is due for the first time; left out: at once. */
  readonly afterMs?: number
  look(now: Date): Promise<readonly Verdict[]>
}

const SECOND_MS = 1000
const MINUTE_MS = 60_000
const DAY_MS = 24 * 3_600_000
const TICK_MS = 15 * SECOND_MS
const MOST_BREACHES = 20

const gauges = ({ registry }: Metrics) => {
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] })
  return {
    backupAge: gauge('plinth_backup_age_seconds', 'Age of the last backup that was made'),
    backupBytes: gauge('plinth_backup_bytes', 'Size of the last backup that was made'),
    backupFailed: gauge('plinth_backup_failed', '1 when the last try to back up failed, else 0'),
    bytes: gauge('plinth_database_bytes', 'What the database takes up on its disk'),
    freeBytes: gauge(
      'plinth_database_free_bytes',
      'What is free on the disk where the database file lies; shown where it is a file',
    ),
    lockWaits: gauge('plinth_database_lock_waits', 'Statements that wait for a lock of the database now'),
    server: gauge(
      'plinth_database_connections',
      'Connections of the database server with all its clients: open now, and max that it gives out',
      'of',
    ),
    broken: gauge(
      'plinth_invariants_broken',
      'Rows that broke an invariant when it was checked last; 20 stands for 20 or more',
      'invariant',
    ),
    verifiedAt: gauge(
      'plinth_invariants_checked_seconds',
      'When the invariants were checked last, in Unix time',
    ),
    alerts: gauge(
      'plinth_alert',
      '1 for each condition of an alert that holds; where none holds, none is shown',
      'condition',
    ),
  }
}

type Gauges = ReturnType<typeof gauges>

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`

const lookAtBackups = ({ db, thresholds }: MonitorDeps, show: Gauges): Look => ({
  name: 'backups',
  everyMs: MINUTE_MS,
  async look(now) {
    const { done, tried } = await lastBackups(db)
    const ageMs = done ? now.getTime() - done.endedAt.getTime() : null
    const failed = tried?.error ?? null
    if (ageMs !== null) show.backupAge.set(ageMs / SECOND_MS)
    if (done) show.backupBytes.set(done.bytes)
    show.backupFailed.set(failed === null ? 0 : 1)
    const { backupAgeMs } = thresholds()
    const wanted = backupAgeMs !== undefined
    return [
      {
        condition: 'backup.failed',
        holds: wanted && failed !== null,
        summary: `The last backup failed: ${failed}`,
      },
      {
        condition: 'backup.overdue',
        holds: wanted && (ageMs === null || ageMs > backupAgeMs),
        summary: done ? `The last backup is of ${done.endedAt.toISOString()}` : 'There is no backup',
      },
    ]
  },
})

const lookAtDatabase = ({ db, thresholds }: MonitorDeps, show: Gauges): Look => ({
  name: 'database',
  everyMs: TICK_MS,
  async look() {
    const { bytes, freeBytes, lockWaits, connections } = await measure(db)
    show.bytes.set(bytes)
    if (freeBytes !== null) show.freeBytes.set(freeBytes)
    show.lockWaits.set(lockWaits)
    show.server.set({ of: 'open' }, connections.open)
    show.server.set({ of: 'max' }, connections.max)
    const limits = thresholds()
    const { read, write } = db.stats()
    const waiting = [read, write].find(
      (pool) => pool.waiting > 0 && pool.open - pool.idle >= limits.connectionShare * pool.max,
    )
    const crowded =
      connections.open >= limits.connectionShare * connections.max && connections.max > read.max + write.max
    return [
      {
        condition: 'database.size',
        holds: limits.databaseBytes !== undefined && bytes > limits.databaseBytes,
        summary: `The database takes up ${megabytes(bytes)}`,
      },
      {
        condition: 'database.disk',
        holds: freeBytes !== null && freeBytes < limits.freeBytes,
        summary: `${megabytes(freeBytes ?? 0)} are free where the database lies`,
      },
      {
        condition: 'database.connections',
        holds: waiting !== undefined || crowded,
        summary: waiting
          ? `${waiting.waiting} wait for a connection, ${waiting.open - waiting.idle} of ${waiting.max} are in use`
          : `The server has given out ${connections.open} of ${connections.max} connections`,
      },
    ]
  },
})

const lookAtInvariants = ({ db, invariants }: MonitorDeps, show: Gauges): Look => ({
  name: 'invariants',
  everyMs: DAY_MS,
  // Not while the server starts: it reads a lot.
  afterMs: 10 * MINUTE_MS,
  async look(now) {
    const verified = await verifyInvariants(db, invariants, { now, most: MOST_BREACHES })
    show.verifiedAt.set(now.getTime() / SECOND_MS)
    for (const { name, breaches } of verified) show.broken.set({ invariant: name }, breaches.length)
    return verified.map(({ name, says, breaches }) => ({
      condition: `invariant.${name}`,
      holds: breaches.length > 0,
      summary: `It no longer holds that ${says}: ${breaches.map(({ row, found }) => `${row} ${found}`).join('; ')}`,
    }))
  },
})

/** Makes the monitor of one process; `start` lets it look by itself. */
export const createMonitor = (deps: MonitorDeps, more: readonly Look[] = []): Monitor => {
  const { clock, log, alerts, metrics } = deps
  const show = gauges(metrics)
  const looks = [lookAtDatabase(deps, show), lookAtBackups(deps, show), lookAtInvariants(deps, show), ...more]
  const startedAt = clock.now().getTime()
  const dueAt = new Map(looks.map(({ name, afterMs = 0 }) => [name, startedAt + afterMs]))
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined

  const one = async ({ name, look, everyMs }: Look, now: Date): Promise<void> => {
    if (now.getTime() < (dueAt.get(name) ?? 0)) return
    dueAt.set(name, now.getTime() + everyMs)
    try {
      for (const { condition, holds, summary } of await look(now))
        await (holds ? alerts.raise(condition, summary) : alerts.clear(condition))
      await alerts.clear(`monitor.${name}`)
    } catch (error) {
      log.warn({ err: error, look: name }, 'a look of the monitor failed; the next one tries again')
      await alerts.raise(`monitor.${name}`, `${name} could not be looked at: ${String(error)}`)
    }
  }
  const look = async (): Promise<void> => {
    const now = clock.now()
    for (const each of looks) await one(each, now)
    show.alerts.reset()
    for (const condition of alerts.raised().keys()) show.alerts.set({ condition }, 1)
  }
  const tick = (): void => {
    looking ??= look().finally(() => {
      looking = undefined
    })
  }
  return {
    look,
    start() {
      timer ??= setInterval(tick, TICK_MS).unref()
      tick()
    },
    async stop() {
      clearInterval(timer)
      timer = undefined
      await looking
    },
  }
}
