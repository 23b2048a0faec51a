import { randomBytes } from 'node:crypto'
import type { Mailbox } from '@plinth/adapters'
import type { RequestGuard } from '@plinth/core'
import type { Database } from '@plinth/db'
import {
  type Background,
  type Bus,
  type Clock,
  createLog,
  createMetrics,
  createService,
  createVault,
  type KitSettings,
  type KitTables,
  type Log,
  type Metrics,
  type Service,
  systemClock,
  type Warmer,
  watchParts,
} from '@plinth/kit'
import { type App, createApp } from './app.ts'
import { closeAll } from './close-all.ts'
import { createDocument } from './document.ts'
import { createLiveSettings, type LiveSettings } from './live.ts'
import { backgroundPart } from './parts/background.ts'
import { openWarmer } from './parts/cache.ts'
import { openDatabase } from './parts/database.ts'
import { jobsPart } from './parts/jobs.ts'
import { createOperations, type Operations } from './parts/operations.ts'
import { openPorts } from './parts/ports.ts'
import { openStrain, type WatchedStrain } from './parts/strain.ts'
import { openTracing } from './parts/tracing.ts'
import type { HealthCheck } from './routes/health.ts'
import { isSecure, type Settings } from './settings.ts'
import type { Surface } from './surface.ts'

/** What a test may put in the place of the real thing. */
export interface Replacements {
  readonly clock?: Clock
  readonly log?: Log
}

/** A server with all its parts, not listening yet. */
export interface Composed {
  readonly app: App
  readonly service: Service
  readonly db: Database<KitTables>
  readonly log: Log
  readonly metrics: Metrics
  readonly mailbox: Mailbox
  readonly bus: Bus
  readonly background: Background
  readonly warmer: Warmer
  readonly operations: Operations
  readonly live: LiveSettings
  readonly strain: WatchedStrain
  /** Null where requests are not judged. */
  readonly guard: RequestGuard | null
  close(): Promise<void>
}

const kitSettings = (
  settings: Settings,
  live: LiveSettings,
  { strain, secret }: { readonly strain: WatchedStrain; readonly secret: string },
): KitSettings => ({
  get limits() {
    return strain.limits(live.current().limits)
  },
  cacheOn: settings.cache.on,
  idempotencyMs: settings.idempotencyMs,
  slowAnswerMs: settings.http.slowAnswerMs,
  freshMs: settings.sessions.freshMs,
  origins: settings.origins,
  secureCookies: isSecure(settings),
  maxBatch: settings.http.maxBatch,
  secret,
})

// Without a secret of its own a server signs and seals for its own life only.
const secretsOf = ({ secret = randomBytes(32).toString('hex'), previousSecrets }: Settings) => ({
  secret,
  vault: createVault([secret, ...previousSecrets]),
})

const ownChecks = (db: Database<KitTables>, background: Background): HealthCheck[] => [
  { name: 'database', essential: true, check: () => db.ping() },
  { name: 'background', essential: false, check: background.check },
]

/** Wires a server from its settings: every part is made here and given to those that need it. */
export const compose = async (
  settings: Settings,
  surface: Surface,
  replacements: Replacements = {},
): Promise<Composed> => {
  const clock = replacements.clock ?? systemClock
  const log = replacements.log ?? createLog({ level: settings.log.level, modules: settings.log.modules })
  const live = createLiveSettings(settings, log)
  const metrics = createMetrics()
  const tracer = await openTracing(settings, { log, metrics })
  const strain = openStrain(settings, { clock, log, metrics })
  const db = await openDatabase(settings, log, metrics, tracer)
  const clockIsShared = replacements.clock !== undefined
  const { jobs, schedules } = jobsPart(settings, { db, clock, log, metrics, tracer, clockIsShared })
  const ports = await openPorts(settings, { db, clock, log, metrics, tracer })
  const { bus, locks, cache, mail, sms } = ports
  const { secret, vault } = secretsOf(settings)
  const served = surface({ settings, db, clock, log, metrics, jobs, schedules, vault, ...ports.given })
  const {
    bound,
    subscribers,
    followers = [],
    tasks = [],
    authenticator,
    invariants = [],
    guard = null,
  } = served
  for (const task of tasks) schedules.add(task)
  const operations = createOperations({ settings: live.current, db, clock, log, metrics, invariants })
  const working = { db, clock, log, metrics, tracer, jobs, schedules, monitor: operations.monitor }
  const background = backgroundPart({ subscribers, followers, broker: ports.broker, ...working })
  watchParts(metrics, { jobs, cache, db, clock })
  const service = createService(bound, {
    db,
    clock,
    ...ports.policies,
    jobs,
    authenticator,
    metrics,
    tracer,
    guard,
    wake: background.wake,
    settings: kitSettings(settings, live, { strain, secret }),
  })
  const warmer = openWarmer(settings, { service, locks, log })
  const stopGuard = async () => guard?.stop()
  const atWork = [stopGuard, strain.stop, warmer.stop, operations.monitor.stop, background.stop]
  const app = createApp({
    contract: bound.contract,
    service,
    guard,
    settings,
    log,
    mailbox: settings.env === 'production' || (mail.isSent && sms.isSent) ? null : mail.mailbox,
    folder: ports.stored.folder,
    checks: [...ownChecks(db, background), ...ports.checks()],
    document: createDocument(service),
  })
  const watched = { background, warmer, operations, live, strain, guard }
  const close = () => closeAll([...atWork, ports.close, db.close, async () => tracer?.close()])
  return { app, service, db, log, metrics, mailbox: mail.mailbox, bus, ...watched, close }
}
