import { randomBytes } from 'node:crypto'
import {
  createMailbox,
  createMemoryCache,
  createMemoryLimiter,
  createTableJobs,
  type Mailbox,
} from '@plinth/adapters'
import { createDb, type Database } from '@plinth/db'
import {
  type Background,
  type Clock,
  createBackground,
  createDispatcher,
  createLog,
  createMetrics,
  createService,
  type KitSettings,
  type KitTables,
  type Log,
  type Metrics,
  type Service,
  systemClock,
  watchParts,
} from '@plinth/kit'
import { type App, createApp } from './app.ts'
import { createDocument } from './document.ts'
import type { Settings } from './settings.ts'
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
  readonly background: Background
  close(): Promise<void>
}

const openDatabase = (settings: Settings, log: Log, metrics: Metrics): Promise<Database<KitTables>> => {
  const logger = log.module('db')
  const seconds = { read: metrics.queries.labels('read'), write: metrics.queries.labels('write') }
  return createDb<KitTables>(settings.database, {
    onQuery({ sql, durationMs, rows, role }) {
      seconds[role].observe(durationMs / 1000)
      if (settings.log.queries) logger.info({ sql, ms: durationMs, rows, role }, 'statement')
    },
    onSlowQuery({ sql, durationMs, rows, role }) {
      metrics.slowQueries.labels(role).inc()
      logger.warn({ sql, ms: Math.round(durationMs), rows, role }, 'slow statement')
    },
  })
}

const kitSettings = (settings: Settings): KitSettings => ({
  limits: settings.limits,
  cacheOn: settings.cache.on,
  idempotencyMs: settings.idempotencyMs,
  slowAnswerMs: settings.http.slowAnswerMs,
  origins: settings.origins,
  secureCookies: settings.publicUrl?.startsWith('https:') ?? false,
  maxBatch: settings.http.maxBatch,
  // Without a secret of its own a server signs for its own life only.
  secret: settings.secret ?? randomBytes(32).toString('hex'),
})

/** Wires a server from its settings: every part is made here and given to those that need it. */
export const compose = async (
  settings: Settings,
  surface: Surface,
  replacements: Replacements = {},
): Promise<Composed> => {
  const clock = replacements.clock ?? systemClock
  const log = replacements.log ?? createLog({ level: settings.log.level, modules: settings.log.modules })
  const metrics = createMetrics()
  const db = await openDatabase(settings, log, metrics)
  const mailbox = createMailbox({ db, clock })
  const { bound, subscribers, purges, authenticator } = surface({ settings, db, clock, log, mailer: mailbox })
  const jobs = createTableJobs({ db, clock, log: log.module('jobs'), metrics })
  const dispatcher = createDispatcher(subscribers, { db, jobs, clock, metrics })
  const background = createBackground({ db, clock, log: log.module('background'), jobs, dispatcher, purges })
  const cache = createMemoryCache(settings.cache)
  watchParts(metrics, { jobs, cache, db })
  const service = createService(bound, {
    db,
    clock,
    cache,
    limiter: createMemoryLimiter({ maxKeys: 100_000 }),
    jobs,
    authenticator,
    metrics,
    wake: background.wake,
    settings: kitSettings(settings),
  })
  const app = createApp({
    contract: bound.contract,
    service,
    settings,
    log,
    mailbox: settings.env === 'production' ? null : mailbox,
    checks: [
      { name: 'database', essential: true, check: () => db.ping() },
      { name: 'background', essential: false, check: background.check },
    ],
    document: createDocument(service),
  })
  return {
    app,
    service,
    db,
    log,
    metrics,
    mailbox,
    background,
    async close() {
      await background.stop()
      await db.close()
    },
  }
}
